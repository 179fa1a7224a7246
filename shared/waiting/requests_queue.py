"""The client of the queue start-requests: to put a request back for later, and to look at the oldest one.

Only instances on which a request waits, or that run the timer, import this module.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from azure.core.exceptions import AzureError

from shared.errors import QueueUnavailable
from shared.waiting.delayed_queue import DelayedQueue, words
from shared.waiting.message import read_waiting

if TYPE_CHECKING:
    from azure.storage.queue import QueueMessage

_LOOKED_AT = 32
"""How many messages `oldest` reads, which is the service's limit."""


class Oldest(NamedTuple):
    """The start request that has been visible for the longest time."""

    message_id: str
    since: datetime


class RequestsQueue(DelayedQueue):
    """The start-requests queue."""

    def count(self) -> int:
        """The approximate number of messages, hidden ones included. Raises TransientError."""
        try:
            return self._queue.get_queue_properties().approximate_message_count or 0
        except AzureError as error:
            raise QueueUnavailable(f"the queue {self._queue.queue_name} answers nothing: {words(error)}") from error

    def oldest(self) -> Oldest | None:
        """The oldest of the first visible messages; None if there are none. Raises TransientError."""
        try:
            messages = list(self._queue.peek_messages(_LOOKED_AT))
        except AzureError as error:
            raise QueueUnavailable(f"the queue {self._queue.queue_name} shows nothing: {words(error)}") from error
        now = datetime.now(UTC)
        return min((_seen(message, now) for message in messages), key=lambda oldest: oldest.since, default=None)


def _seen(message: QueueMessage, now: datetime) -> Oldest:
    """The message, and since when it has been visible.

    Each earlier delivery has hidden it for up to ten minutes, which are added.
    """
    inserted = message.inserted_on or now
    waiting = read_waiting((message.content or "").encode(), now)
    since = waiting.waiting.visible if waiting is not None and waiting.waiting.visible is not None else inserted
    return Oldest(message.id or "", since + (message.dequeue_count or 0) * timedelta(minutes=10))
