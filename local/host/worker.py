"""A typed wrapper around Microsoft's runtime library, the code that runs in Azure's Python worker.

The library keeps its state in module globals, so that there is one app per process.
"""

import importlib
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

import azure_functions_runtime as runtime

from local.host import protos
from local.host.errors import AppFault, InvocationFailed
from local.host.trace_context import TraceContext

_RETURN: Final = "$return"


class Worker:
    """Indexes an app and runs its functions."""

    async def load(self, app_directory: Path) -> list[protos.RpcFunctionMetadata]:
        """Index the app, as Azure does at a cold start. Raises AppFault with the app's exception."""
        runtime.start_threadpool_executor()
        os.chdir(app_directory)
        sys.path.insert(0, str(app_directory))
        _forget_others(app_directory)
        importlib.invalidate_caches()
        initialised = await _request(
            runtime.worker_init_request,
            worker_init_request=SimpleNamespace(capabilities={}, function_app_directory=str(app_directory)),
        )
        if failure := initialised.result.exception:
            raise AppFault(failure.message, failure.stack_trace)
        indexed = await _request(runtime.functions_metadata_request, functions_metadata_request=SimpleNamespace())
        functions: list[protos.RpcFunctionMetadata] = indexed.function_metadata_results or []
        if not functions:
            raise AppFault(f"no functions were found in {app_directory}")
        for function in functions:
            await _request(
                runtime.function_load_request,
                function_load_request=SimpleNamespace(function_id=function.function_id),
            )
        return functions

    async def invoke(
        self,
        *,
        invocation_id: str,
        function_id: str,
        inputs: Mapping[str, protos.TypedData],
        trigger_metadata: Mapping[str, protos.TypedData],
        trace: TraceContext,
    ) -> dict[str, protos.TypedData]:
        """Run a function. Returns its outputs by name, with its return value as $return. Raises InvocationFailed if it
        raised.
        """
        response = await _request(
            runtime.invocation_request,
            invocation_request=SimpleNamespace(
                invocation_id=invocation_id,
                function_id=function_id,
                input_data=[protos.ParameterBinding(name=name, data=data) for name, data in inputs.items()],
                trigger_metadata=trigger_metadata,
                trace_context=SimpleNamespace(
                    trace_parent=trace.traceparent, trace_state=trace.tracestate, attributes={}
                ),
                retry_context=SimpleNamespace(retry_count=0, max_retry_count=0, exception=None),
            ),
        )
        if failure := response.result.exception:
            raise InvocationFailed(failure.message, failure.stack_trace)
        outputs = {output.name: output.data for output in response.output_data if output.data is not None}
        if response.return_value is not None:
            outputs[_RETURN] = response.return_value
        return outputs


def _forget_others(app_directory: Path) -> None:
    """Forget modules that this host has imported under names that the app uses too, so that the app imports its own."""
    # Only directories and modules count: azure.yaml must not unload the packages named azure.
    names = {entry.stem for entry in app_directory.iterdir() if entry.suffix == ".py" or entry.is_dir()} - {"local"}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if name.partition(".")[0] in names and file and not Path(file).is_relative_to(app_directory):
            del sys.modules[name]


async def _request(handler: Callable[[Any], Awaitable[Any]], **message: Any) -> Any:
    return await handler(
        SimpleNamespace(request=SimpleNamespace(**message), properties={"protos": protos, "host": "127.0.0.1"})
    )
