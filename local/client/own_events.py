"""Reads the events of this caller's requests from the status queue, and leaves all others on it."""

from __future__ import annotations

import base64
import json
from collections import deque
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from azure.storage.queue import QueueClient, QueueMessage

    from local.client.asked import Asked
    from local.client.status_events import Event

_BATCH: Final = 32
_PAUSE_SECONDS: Final = 0.1

_HIDDEN_SECONDS: Final = 2
"""How long other events are hidden after a poll. Only meanwhile can the events behind them be read."""


class OwnEvents:
    """The events of requests that `asked` knows. An event that was returned is deleted from the queue."""

    def __init__(self, queue: QueueClient, asked: Asked) -> None:
        self._queue = queue
        self._asked = asked
        self._found: deque[Event] = deque()

    def next(self, *, timeout: float) -> Event:
        """The next event. Raises TimeoutError after `timeout` seconds without one."""
        deadline = monotonic() + timeout
        while not self._found:
            seen = self._look()
            if not self._found and monotonic() > deadline:
                raise TimeoutError(f"no event of these requests within {timeout:g} s")
            if not seen:
                sleep(_PAUSE_SECONDS)
        return self._found.popleft()

    def _look(self) -> int:
        """Read the next messages. Returns how many there were."""
        messages = list(
            self._queue.receive_messages(
                messages_per_page=_BATCH, max_messages=_BATCH, visibility_timeout=_HIDDEN_SECONDS
            )
        )
        for message in messages:
            event = _event(message)
            if event is not None and self._asked.knows(event):
                self._queue.delete_message(message)
                self._found.append(event)
        return len(messages)


def _event(message: QueueMessage) -> Event | None:
    """The event, or None if the app did not write the message."""
    try:
        event: Event = json.loads(base64.b64decode(message.content, validate=True))
        event["data"]["requestId"]
    except (ValueError, TypeError, KeyError):
        return None
    return event
