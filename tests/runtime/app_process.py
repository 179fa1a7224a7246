"""The app in another process, on Microsoft's runtime library: `python -m tests.runtime.app_process`.

Writes one line of JSON once the app is indexed: {"functions": {name: [binding, ...]}} or {"fault": text}. Then each
line of JSON on stdin is an invocation, answered with another line: {"outputs": {name: value}} or {"error": text}. Ends
when stdin ends.
"""

import asyncio
import base64
import json
import os
import sys
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from azure.storage.queue import QueueMessage

from local.host.errors import AppFault, InvocationFailed
from local.host.protos import RpcHttp, TypedData
from local.host.queue_message import trigger_metadata
from local.host.trace_context import TraceContext
from local.host.worker import Worker

REPOSITORY = Path(__file__).parents[2]


async def serve(say: Callable[[Mapping[str, Any]], None]) -> None:
    """Index the app, then run the invocations from stdin, one at a time."""
    worker = Worker()
    try:
        indexed = await worker.load(REPOSITORY)
    except AppFault as fault:
        say({"fault": str(fault)})
        return
    bindings = {function.name: list(map(json.loads, function.raw_bindings)) for function in indexed}
    ids = {function.name: function.function_id for function in indexed}
    say({"functions": bindings})
    for line in sys.stdin:
        asked = json.loads(line)
        trigger = next(binding for binding in bindings[asked["function"]] if binding["type"].endswith("Trigger"))
        value, metadata = _input(asked, trigger)
        try:
            outputs = await worker.invoke(
                invocation_id=str(uuid.uuid4()),
                function_id=ids[asked["function"]],
                inputs={trigger["name"]: value},
                trigger_metadata=metadata,
                trace=TraceContext.new(),
            )
        except InvocationFailed as failure:
            say({"error": str(failure)})
        else:
            say({"outputs": {name: _plain(output) for name, output in outputs.items()}})


def _input(asked: Mapping[str, Any], trigger: Mapping[str, Any]) -> tuple[TypedData, dict[str, TypedData]]:
    match trigger["type"]:
        case "httpTrigger":
            return _http(asked)
        case "timerTrigger":
            return TypedData(json=json.dumps({"IsPastDue": False})), {}
        case _:
            return _message(asked, trigger)


def _http(asked: Mapping[str, Any]) -> tuple[TypedData, dict[str, TypedData]]:
    """A request as the host passes it: the parameters of its route are also in the metadata."""
    params = asked["params"]
    body = TypedData(bytes=base64.b64decode(asked["body"]))
    request = RpcHttp(
        method=asked.get("method", "POST"),
        url="http://127.0.0.1/",
        headers=asked["headers"],
        params=params,
        query=asked.get("query", {}),
        body=body,
    )
    return TypedData(http=request), {name: TypedData(string=text) for name, text in params.items()}


def _message(asked: Mapping[str, Any], trigger: Mapping[str, Any]) -> tuple[TypedData, dict[str, TypedData]]:
    """A message as the host passes it: bytes or a string, depending on the binding, and the host's metadata."""
    raw = base64.b64decode(asked["body"])
    binary = str(trigger.get("dataType", "")).lower() == "binary"
    body = TypedData(bytes=raw) if binary else TypedData(string=raw.decode(errors="replace"))
    message = QueueMessage()
    message.id = asked["id"]
    message.inserted_on = datetime.fromisoformat(asked["inserted"])
    message.next_visible_on = message.inserted_on + timedelta(minutes=10)
    message.expires_on = message.inserted_on + timedelta(days=7)
    message.dequeue_count = asked["dequeueCount"]
    message.pop_receipt = "receipt"
    return body, trigger_metadata(message, body)


def _plain(output: TypedData) -> Any:
    match output.kind:
        case "http":
            answer: RpcHttp = output.value
            return {
                "status": answer.status_code,
                "headers": dict(answer.headers),
                "body": bytes(answer.body.value).decode() if answer.body else "",
            }
        case "json":
            return json.loads(output.value)
        case kind:
            raise NotImplementedError(f"no function of the app gives {kind}")


def main() -> None:
    """Keep stdout for the answers, because the runtime library prints its log lines there."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

        def say(answer: Mapping[str, Any]) -> None:
            answers.write(json.dumps(answer) + "\n")
            answers.flush()

        asyncio.run(serve(say))


if __name__ == "__main__":
    main()
