"""The log sees all events, and takes none of them from other readers of the queue."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from local.client.told import Seen
from local.page.event_log import EventLog
from tests.unit.notices.events import event

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient


@dataclass
class Queue:
    """A queue that shows 32 messages at once, and from which nothing can be deleted here."""

    messages: list[str] = field(default_factory=list)
    hidden: set[str] = field(default_factory=set)
    received: int = 0

    def peek_messages(self, max_messages: int) -> list[Any]:
        assert max_messages <= 32
        return self._shown(max_messages)

    def receive_messages(self, *, messages_per_page: int, max_messages: int, visibility_timeout: int) -> list[Any]:
        assert messages_per_page <= 32
        assert visibility_timeout == 1
        shown = self._shown(max_messages)
        self.hidden.update(message.id for message in shown)
        self.received += len(shown)
        return shown

    def get_queue_properties(self) -> Any:
        return SimpleNamespace(approximate_message_count=len(self.messages))

    def _shown(self, most: int) -> list[Any]:
        visible = [
            SimpleNamespace(id=str(number), content=content)
            for number, content in enumerate(self.messages)
            if str(number) not in self.hidden
        ]
        return visible[:most]

    def put(self, *numbers: int) -> None:
        self.messages += [base64.b64encode(json.dumps(numbered(number)).encode()).decode() for number in numbers]


def numbered(number: int) -> dict[str, Any]:
    return {**event(), "id": f"event-{number}", "time": f"2026-11-23T10:{number // 60:02}:{number % 60:02}.000Z"}


def log_of(queue: Queue) -> EventLog:
    return EventLog(cast("QueueClient", queue))


def test_few_events_are_only_peeked_at() -> None:
    queue = Queue()
    queue.put(*range(31))
    log = log_of(queue)
    log.look()
    log.look()
    assert [each["id"] for each in log.events] == [f"event-{number}" for number in range(31)]
    assert queue.received == 0


def test_more_than_can_be_peeked_at_are_received_when_their_number_changes_and_come_back() -> None:
    queue = Queue()
    queue.put(*range(100))
    log = log_of(queue)
    log.look()
    assert len(log.events) == 100
    assert queue.received == 100
    queue.hidden.clear()
    log.look()
    assert queue.received == 100
    queue.put(100)
    log.look()
    assert log.events[-1]["id"] == "event-100"


def test_what_a_reader_took_from_the_queue_comes_by_the_webhook() -> None:
    log = log_of(Queue())
    seen = [Seen("webhook", "receiver", json.dumps(numbered(1)), True, None)]
    log.look(seen)
    log.look(seen)
    assert [each["id"] for each in log.events] == ["event-1"]


def test_message_that_is_not_an_event_is_left_out() -> None:
    odd = json.dumps({**event(), "time": "yesterday"}).encode()
    contents = [
        "not base64!",
        *(base64.b64encode(text).decode() for text in (b"\xff", b"text", b"[]", b'{"id": 1}', odd)),
    ]
    log = log_of(Queue(contents))
    log.look()
    assert log.events == []
