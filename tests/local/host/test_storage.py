"""Writing to queues: the order of steps, and that only moved messages notify a listener."""

import asyncio
from collections.abc import Iterator
from typing import cast

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.storage.queue.aio import QueueClient

from local.host.connection import ByConnectionString
from local.host.functions import QueueAddress
from local.host.storage import Storage

_ADDRESS = QueueAddress("work", ByConnectionString("connection"))


class RecordingStorage(Storage):
    """Is its own only queue, which does not exist at first, and records what happens."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[str] = []
        self.watch(_ADDRESS, lambda: self.events.append("told"))

    def queue(self, address: QueueAddress) -> QueueClient:
        return cast("QueueClient", self)

    async def create_queue(self) -> None:
        self.events.append("created")

    async def send_message(self, text: str) -> None:
        if "created" not in self.events:
            raise ResourceNotFoundError
        self.events.append(text)


def test_missing_queue_is_created_and_outputs_notify_no_listener() -> None:
    storage = RecordingStorage()

    asyncio.run(storage.send(_ADDRESS, ["a", "b"]))

    assert storage.events == ["created", "a", "b"]


def test_what_was_written_before_a_fault_stays() -> None:
    storage = RecordingStorage()

    def texts() -> Iterator[str]:
        yield "a"
        raise OSError("the rest is lost")

    with pytest.raises(OSError, match="the rest is lost"):
        asyncio.run(storage.send(_ADDRESS, texts()))

    assert storage.events == ["created", "a"]


def test_listener_of_a_poison_queue_is_notified_of_moved_messages() -> None:
    storage = RecordingStorage()

    asyncio.run(storage.move(_ADDRESS, "a"))

    assert storage.events == ["created", "a", "told"]
