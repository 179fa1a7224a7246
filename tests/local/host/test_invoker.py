"""The outputs of a function that succeeded are written, all at once."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

import pytest

from local.host.connection import ByConnectionString
from local.host.errors import InvocationFailed
from local.host.functions import Function, QueueAddress, QueueTrigger
from local.host.host_json import MessageEncoding
from local.host.invoker import Invoker
from local.host.protos import TypedData
from local.host.storage import Storage
from local.host.trace_context import TraceContext
from local.host.worker import Worker

_CONNECTION = ByConnectionString("connection")
_ADDRESSES = {name: QueueAddress(name, _CONNECTION) for name in ("first", "second")}


class FakeWorker(Worker):
    """Every function returns both outputs."""

    async def invoke(self, **_: Any) -> dict[str, TypedData]:
        return {name: TypedData(json='["a", "b"]') for name in _ADDRESSES}


class SlowStorage(Storage):
    """Needs a while per message. `broken` names the queues that refuse."""

    def __init__(self, *broken: str) -> None:
        super().__init__()
        self._broken = broken
        self.events: list[str] = []

    async def send(self, address: QueueAddress, texts: Iterable[str]) -> None:
        for text in texts:
            self.events.append(f"{address.name} begins {text}")
            await asyncio.sleep(0.01)
            if address.name in self._broken:
                raise OSError("refused")
            self.events.append(f"{address.name} has {text}")


def _invoke(storage: Storage) -> None:
    trigger = QueueTrigger("message", QueueAddress("work", _CONNECTION), binary=True)
    invoker = Invoker(FakeWorker(), storage, MessageEncoding.NONE, timedelta(seconds=10))
    invoked = invoker.invoke(
        Function("example", "id", trigger, _ADDRESSES, None),
        value=TypedData(bytes=b""),
        trigger_metadata={},
        trace=TraceContext.new(),
        reason="test",
    )
    asyncio.run(cast("Any", invoked))


def test_outputs_are_written_at_once_and_the_messages_of_each_in_order() -> None:
    storage = SlowStorage()

    _invoke(storage)

    assert storage.events[:2] == ["first begins a", "second begins a"]
    assert [event for event in storage.events if event.startswith("second has")] == ["second has a", "second has b"]


@pytest.mark.parametrize(("broken", "other"), [("first", "second"), ("second", "first")])
def test_failed_output_fails_the_invocation_but_the_other_is_written(broken: str, other: str) -> None:
    storage = SlowStorage(broken)

    with pytest.raises(InvocationFailed, match=f"output {broken} could not be written to queue {broken}: refused"):
        _invoke(storage)

    assert [event for event in storage.events if "has" in event] == [f"{other} has a", f"{other} has b"]
