"""The status events so far, without taking any of them from other readers of the queue.

Each look peeks at the first 32 messages, the most that the service returns. If the queue has grown, the log receives
all messages, hidden for a second. They then come back in order, and readers find them. Events that a reader has deleted
meanwhile come from the stand-in for the webhook, if there is one.

Source: Microsoft Learn, "Peek Messages (Azure Storage)" (numofmessages), "Get Messages" (visibilitytimeout).
"""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any, Final

from local.page.story import stories
from shared.notices.told import told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from azure.storage.queue import QueueClient

    from local.client.status_events import Event
    from local.client.told import Seen

_MOST_PEEKED: Final = 32
_HIDDEN_SECONDS: Final = 1
MOST: Final = 500
"""How many events are kept; older ones are dropped."""


class EventLog:
    """The events that were seen, each once."""

    def __init__(self, queue: QueueClient) -> None:
        self._queue = queue
        self._events: dict[str, Event] = {}
        self._known: set[str] = set()
        self._length = 0

    @property
    def events(self) -> list[Event]:
        """The newest events, oldest first."""
        return sorted(self._events.values(), key=lambda event: str(event["time"]))

    def look(self, seen: Iterable[Seen] = ()) -> None:
        """Add new events. `seen` is what people were notified of."""
        peeked = self._queue.peek_messages(max_messages=_MOST_PEEKED)
        self._add(message.content for message in peeked)
        if len(peeked) == _MOST_PEEKED:
            length = self._queue.get_queue_properties().approximate_message_count or 0
            if length != self._length:
                self._receive()
            self._length = length
        for each in seen:
            if each.target == "webhook":
                self._take(each.text)
        for oldest in self.events[:-MOST]:
            del self._events[oldest["id"]]

    def _receive(self) -> None:
        received: set[str] = set()
        while messages := list(
            self._queue.receive_messages(
                messages_per_page=_MOST_PEEKED, max_messages=_MOST_PEEKED, visibility_timeout=_HIDDEN_SECONDS
            )
        ):
            if messages[0].id in received:
                # The first messages are visible again already.
                break
            received.update(message.id for message in messages)
            self._add(message.content for message in messages)

    def _add(self, contents: Iterable[str]) -> None:
        for content in contents:
            try:
                self._take(base64.b64decode(content, validate=True).decode())
            except ValueError:
                # Not a message of the app.
                continue

    def _take(self, text: str) -> None:
        event: Any = json.loads(text)
        try:
            event_id = told(event).event_id
            stories([], [event])
        except (KeyError, TypeError, AttributeError, ValueError):
            # Not in the form of the app's events, so that it cannot be shown.
            return
        if event_id not in self._known:
            self._known.add(event_id)
            self._events[event_id] = event
