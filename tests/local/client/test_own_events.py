"""The reader takes its own requests' events, and leaves all others on the queue."""

from __future__ import annotations

import base64
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from local.client.asked import Asked
from local.client.own_events import OwnEvents

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient


class _Queue:
    """A queue on which a received message is hidden until every message was seen once."""

    def __init__(self, *contents: bytes) -> None:
        self.messages = [SimpleNamespace(content=base64.b64encode(each).decode()) for each in contents]
        self._seen: list[Any] = []

    def receive_messages(self, *, max_messages: int, **_: object) -> list[Any]:
        shown = [each for each in self.messages if each not in self._seen][:max_messages]
        self._seen = [*self._seen, *shown] if shown else []
        return shown

    def delete_message(self, message: Any) -> None:
        self.messages.remove(message)

    @property
    def client(self) -> QueueClient:
        return cast("QueueClient", self)


def _event(request_id: str, **data: str) -> bytes:
    return json.dumps({"data": {"requestId": request_id, **data}}).encode()


def test_own_events_are_found_behind_those_of_others_which_stay() -> None:
    others = [_event(f"other-{number}") for number in range(50)]
    queue = _Queue(*others, b"no JSON", b"[]", _event("own"), _event("child", parentRequestId="own"))
    asked = Asked()
    asked.add(1, ["own"])
    events = OwnEvents(queue.client, asked)

    found = [events.next(timeout=10)["data"]["requestId"] for _ in range(2)]

    assert found == ["own", "child"]
    assert len(queue.messages) == 52


def test_end_of_patience_is_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        OwnEvents(_Queue(_event("other")).client, Asked()).next(timeout=0.2)
