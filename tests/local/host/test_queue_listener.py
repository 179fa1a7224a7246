"""Queue listener: what happens to a message, whatever its function and the storage service do."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from azure.core.exceptions import ResourceNotFoundError, ServiceRequestError
from azure.storage.queue import QueueMessage
from azure.storage.queue.aio import QueueClient

from local.host.connection import ByConnectionString
from local.host.errors import InvocationFailed
from local.host.functions import Function, QueueAddress, QueueTrigger
from local.host.host_json import MessageEncoding, QueueSettings
from local.host.invoker import Invoker
from local.host.protos import TypedData
from local.host.queues import QueueListener
from local.host.storage import Storage

_MAX_DEQUEUE_COUNT = 3


@dataclass
class FakeQueue:
    """One queue. It returns its messages, and records what is done with them."""

    name: str
    waiting: list[QueueMessage] = field(default_factory=list)
    calls: list[tuple[str, str, object]] = field(default_factory=list)
    faults: list[Exception] = field(default_factory=list)
    fault_on_delete: Exception | None = None
    renewals: int = 0

    def receive_messages(self, *, messages_per_page: int, max_messages: int, visibility_timeout: int) -> Any:
        assert messages_per_page == max_messages
        assert visibility_timeout >= 1
        return self

    async def by_page(self) -> AsyncIterator[AsyncIterator[QueueMessage]]:
        if self.faults:
            raise self.faults.pop(0)
        batch, self.waiting = self.waiting[:16], self.waiting[16:]
        if batch:
            yield _page(batch)

    async def delete_message(self, message_id: str, receipt: str) -> None:
        if self.fault_on_delete:
            raise self.fault_on_delete
        self.calls.append(("delete", message_id, receipt))

    async def update_message(self, message_id: str, receipt: str, *, visibility_timeout: int) -> QueueMessage:
        if visibility_timeout == 1:
            self.renewals += 1
            return _message(message_id, "", 1, receipt=f"renewed-{self.renewals}")
        self.calls.append(("release", message_id, visibility_timeout))
        return _message(message_id, "", 1)


class FakeStorage(Storage):
    """Keeps queues and the messages sent to them in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.queues: dict[str, FakeQueue] = {}
        self.sent: list[tuple[str, str]] = []

    def fake(self, name: str) -> FakeQueue:
        return self.queues.setdefault(name, FakeQueue(name))

    def queue(self, address: QueueAddress) -> QueueClient:
        return cast("QueueClient", self.fake(address.name))

    async def send(self, address: QueueAddress, texts: Iterable[str]) -> None:
        self.sent += [(address.name, text) for text in texts]


class FakeInvoker(Invoker):
    """Runs a Python function instead of one of an app."""

    def __init__(self, work: Callable[[str], Any]) -> None:
        self._work = work
        self.bodies: list[str] = []
        self.running = 0
        self.peak = 0

    async def invoke(self, function: Function, *, value: TypedData, **_: Any) -> Mapping[str, TypedData]:
        self.bodies.append(value.value)
        self.running += 1
        self.peak = max(self.peak, self.running)
        try:
            if (pending := self._work(value.value)) is not None:
                await pending
        finally:
            self.running -= 1
        return {}


async def _page(batch: list[QueueMessage]) -> AsyncIterator[QueueMessage]:
    for message in batch:
        yield message


def _message(message_id: str, text: str, dequeue_count: int, *, receipt: str = "first") -> QueueMessage:
    return QueueMessage(content=text, id=message_id, dequeue_count=dequeue_count, pop_receipt=receipt)


def _succeed(_: str) -> None:
    return


def _fail(_: str) -> None:
    raise InvocationFailed("told to")


def _listen(
    storage: FakeStorage,
    work: Callable[[str], Any] = _succeed,
    *,
    queue: str = "work",
    encoding: MessageEncoding = MessageEncoding.NONE,
    seconds: float = 0.15,
    lease_seconds: int = 600,
) -> FakeInvoker:
    """Run a listener for a moment, then stop it as the host does."""
    trigger = QueueTrigger("message", QueueAddress(queue, ByConnectionString("connection")), binary=False)
    invoker = FakeInvoker(work)

    async def run() -> None:
        listener = QueueListener(
            Function("example", "id", trigger, {}, None),
            trigger,
            settings=QueueSettings(
                16, 8, timedelta(seconds=0.1), timedelta(seconds=44.5), _MAX_DEQUEUE_COUNT, encoding
            ),
            lease_seconds=lease_seconds,
            storage=storage,
            invoker=invoker,
        )
        running = asyncio.create_task(listener.run())
        await asyncio.sleep(seconds)
        listener.stop()
        await running
        await listener.drain()

    asyncio.run(run())
    return invoker


def test_message_is_deleted_once_its_function_succeeded() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "text", 1)]

    assert _listen(storage).bodies == ["text"]
    assert storage.fake("work").calls == [("delete", "m", "first")]


def test_failed_message_comes_back_after_the_visibility_timeout() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "text", _MAX_DEQUEUE_COUNT - 1)]

    _listen(storage, _fail)

    assert storage.fake("work").calls == [("release", "m", 45)]
    assert storage.sent == []


def test_message_that_failed_for_the_last_time_goes_to_the_poison_queue_verbatim() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "dGV4dA==", _MAX_DEQUEUE_COUNT)]

    _listen(storage, _fail, encoding=MessageEncoding.BASE64)

    assert storage.sent == [("work-poison", "dGV4dA==")]
    assert storage.fake("work").calls == [("delete", "m", "first")]


def test_message_delivered_too_often_goes_to_the_poison_queue_without_a_run() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "text", _MAX_DEQUEUE_COUNT + 1)]

    assert _listen(storage).bodies == []
    assert storage.sent == [("work-poison", "text")]


def test_message_that_is_not_base64_goes_to_the_poison_queue_without_a_run() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "plain text", 1)]

    assert _listen(storage, encoding=MessageEncoding.BASE64).bodies == []
    assert storage.sent == [("work-poison", "plain text")]


def test_message_that_fails_in_a_poison_queue_stays_leased() -> None:
    storage = FakeStorage()
    storage.fake("work-poison").waiting = [_message("m", "text", _MAX_DEQUEUE_COUNT)]

    assert _listen(storage, _fail, queue="work-poison").bodies == ["text"]
    assert storage.sent == []
    assert storage.fake("work-poison").calls == []


def test_poison_queue_runs_its_function_at_any_dequeue_count() -> None:
    storage = FakeStorage()
    storage.fake("work-poison").waiting = [
        _message("a", "fails", 10 * _MAX_DEQUEUE_COUNT),
        _message("b", "succeeds", 99 * _MAX_DEQUEUE_COUNT),
    ]

    invoker = _listen(storage, lambda body: _fail(body) if body == "fails" else None, queue="work-poison")

    assert sorted(invoker.bodies) == ["fails", "succeeds"]
    assert storage.sent == []
    assert storage.fake("work-poison").calls == [("delete", "b", "first")]


def test_at_most_batch_size_and_threshold_run_at_once() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message(str(n), str(n), 1) for n in range(100)]

    invoker = _listen(storage, lambda body: asyncio.sleep(0.001 * (int(body) % 10)), seconds=0.6)

    assert len(invoker.bodies) == 100
    assert 16 < invoker.peak <= 24


def test_listener_outlives_storage_faults_and_a_missing_queue() -> None:
    storage = FakeStorage()
    queue = storage.fake("work")
    queue.faults = [
        ResourceNotFoundError("gone"),
        ServiceRequestError("refused"),
        ConnectionResetError(),
        KeyError("bug"),
    ]
    queue.waiting = [_message("m", "text", 1)]

    assert _listen(storage, seconds=0.7).bodies == ["text"]


def test_message_that_cannot_be_deleted_is_left_to_its_lease() -> None:
    storage = FakeStorage()
    queue = storage.fake("work")
    queue.fault_on_delete = ServiceRequestError("refused")
    queue.waiting = [_message("m", "text", 1)]

    _listen(storage)

    assert queue.calls == []


def test_lease_is_renewed_and_its_new_receipt_used() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "text", 1)]

    _listen(storage, lambda _: asyncio.sleep(0.7), lease_seconds=1)

    assert storage.fake("work").calls == [("delete", "m", "renewed-1")]


def test_running_functions_finish_when_the_listener_stops() -> None:
    storage = FakeStorage()
    storage.fake("work").waiting = [_message("m", "text", 1)]

    _listen(storage, lambda _: asyncio.sleep(0.4), seconds=0.05)

    assert storage.fake("work").calls == [("delete", "m", "first")]


def test_message_that_this_host_moved_to_the_queue_is_looked_for_at_once() -> None:
    storage = FakeStorage()
    seen: list[str] = []

    async def run() -> None:
        trigger = QueueTrigger("message", QueueAddress("work", ByConnectionString("connection")), binary=False)
        listener = QueueListener(
            Function("example", "id", trigger, {}, None),
            trigger,
            settings=QueueSettings(16, 8, timedelta(minutes=1), timedelta(0), 5, MessageEncoding.NONE),
            lease_seconds=600,
            storage=storage,
            invoker=FakeInvoker(seen.append),
        )
        running = asyncio.create_task(listener.run())
        await asyncio.sleep(0.8)
        storage.fake("work").waiting.append(_message("m", "text", 1))
        storage._watchers[trigger.queue]()
        await asyncio.sleep(0.01)
        assert seen == ["text"]
        listener.stop()
        await running

    asyncio.run(run())
