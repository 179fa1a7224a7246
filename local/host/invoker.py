"""One invocation: runs the function and writes its outputs. Only then it has succeeded."""

import asyncio
import logging
import time
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from local.host import log
from local.host.bindings import queue_messages
from local.host.errors import InvocationFailed
from local.host.functions import Function, QueueAddress
from local.host.host_json import MessageEncoding
from local.host.protos import TypedData
from local.host.storage import STORAGE_FAULTS, Storage
from local.host.trace_context import TraceContext
from local.host.worker import Worker

_logger: Final = logging.getLogger(__name__)


class Invoker:
    """Runs functions for all triggers."""

    def __init__(self, worker: Worker, storage: Storage, encoding: MessageEncoding, timeout: timedelta | None) -> None:
        self._worker = worker
        self._storage = storage
        self._encoding = encoding
        self._timeout = timeout

    async def invoke(
        self,
        function: Function,
        *,
        value: TypedData,
        trigger_metadata: Mapping[str, TypedData],
        trace: TraceContext,
        reason: str,
    ) -> Mapping[str, TypedData]:
        """Run the function, write its queue outputs, and return all outputs. Logs and raises InvocationFailed."""
        invocation_id = str(uuid.uuid4())
        started = time.monotonic()
        with log.invocation(invocation_id, function.name):
            _logger.info("executing reason=%r", reason)
            try:
                outputs = await self._run(function, invocation_id, value, trigger_metadata, trace)
                await self._write(function, outputs)
            except InvocationFailed as failure:
                _logger.error(  # noqa: TRY400 - the stack that matters is the function's own
                    "executed result=failed durationMs=%d error=%r stack=%r",
                    _milliseconds_since(started),
                    str(failure),
                    failure.stack,
                )
                raise
            _logger.info("executed result=succeeded durationMs=%d", _milliseconds_since(started))
            return outputs

    async def _run(
        self,
        function: Function,
        invocation_id: str,
        value: TypedData,
        trigger_metadata: Mapping[str, TypedData],
        trace: TraceContext,
    ) -> dict[str, TypedData]:
        # A thread cannot be stopped: a function that ran out of time runs on here, but Azure ends the whole worker.
        try:
            async with asyncio.timeout(self._timeout.total_seconds() if self._timeout else None):
                return await self._worker.invoke(
                    invocation_id=invocation_id,
                    function_id=function.id,
                    inputs={function.trigger.parameter: value},
                    trigger_metadata=trigger_metadata,
                    trace=trace,
                )
        except TimeoutError as fault:
            raise InvocationFailed(f"{function.name} ran longer than functionTimeout, {self._timeout}") from fault

    async def _write(self, function: Function, outputs: Mapping[str, TypedData]) -> None:
        """Write all outputs at once. If one fails, the others may still be written."""
        writes = [
            self._write_one(name, address, outputs[name])
            for name, address in function.queue_outputs.items()
            if name in outputs
        ]
        for fault in await asyncio.gather(*writes, return_exceptions=True):
            if fault is not None:
                raise fault

    async def _write_one(self, name: str, address: QueueAddress, output: TypedData) -> None:
        try:
            await self._storage.send(address, queue_messages(output, self._encoding))
        except STORAGE_FAULTS as fault:
            raise InvocationFailed(f"output {name} could not be written to queue {address.name}: {fault}") from fault


def _milliseconds_since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
