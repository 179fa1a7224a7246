"""The queue start-requests as the app itself reaches it: to put a request back for later, and to look at the oldest.

The queue binding of Functions has no delay for a single message. What has one is a new message with a visibility
timeout; this one does not expire. azure-storage-queue is imported where the first request has to wait, and by the
timer; instances that only start jobs do without.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from azure.core.exceptions import AzureError
from azure.storage.queue import QueueServiceClient

from shared.errors import QueueUnavailable
from shared.ledger.connection import connect
from shared.waiting.message import read_waiting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.storage.queue import QueueClient, QueueMessage

    from shared.graph.gate import Gate
    from shared.settings import Settings

LONGEST_HIDDEN = timedelta(days=7) - timedelta(minutes=1)
"""The service hides a message for seven days at most (Microsoft Learn, "Put Message")."""

_NEVER = -1
"""time_to_live of a message that does not expire."""

_LOOKED_AT = 32
"""How many messages are looked at; the service shows no more at once."""


class Oldest(NamedTuple):
    """The start request that has been visible for the longest time."""

    message_id: str
    since: datetime


class RequestsQueue:
    """The start-requests queue."""

    def __init__(self, queue: QueueClient) -> None:
        self._queue = queue

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str], identity: Gate) -> RequestsQueue:
        """The queue that the settings name. Raises InvalidSettings."""
        client = connect(
            QueueServiceClient,
            "queue",
            settings.queue_connection,
            environment,
            threads=settings.threads,
            identity=identity,
        )
        return cls(client.get_queue_client(settings.start_requests_queue))

    def put(self, text: str, gap: timedelta) -> None:
        """Put a message on the queue that nobody sees before the gap is over. Raises TransientError."""
        seconds = math.ceil(min(gap, LONGEST_HIDDEN).total_seconds())
        try:
            self._queue.send_message(text, visibility_timeout=seconds, time_to_live=_NEVER)
        except AzureError as error:
            raise QueueUnavailable(f"the queue {self._queue.queue_name} took no message: {_words(error)}") from error

    def oldest(self) -> Oldest | None:
        """The oldest of the messages in front that are visible. Raises TransientError."""
        try:
            messages = list(self._queue.peek_messages(_LOOKED_AT))
        except AzureError as error:
            raise QueueUnavailable(f"the queue {self._queue.queue_name} shows nothing: {_words(error)}") from error
        now = datetime.now(UTC)
        return min((_seen(message, now) for message in messages), key=lambda oldest: oldest.since, default=None)


def _seen(message: QueueMessage, now: datetime) -> Oldest:
    """Since when a message is visible: from its own time on, if it was hidden at first.

    One that was delivered before has been hidden since then, up to ten minutes each time.
    """
    inserted = message.inserted_on or now
    waiting = read_waiting((message.content or "").encode(), now)
    since = waiting.waiting.visible if waiting is not None and waiting.waiting.visible is not None else inserted
    return Oldest(message.id or "", since + (message.dequeue_count or 0) * timedelta(minutes=10))


def _words(error: AzureError) -> str:
    """The service's error code, or what kept it from an answer; messages go over several lines."""
    code = getattr(error, "error_code", None)
    status = getattr(error, "status_code", None)
    return " ".join(filter(None, (str(status or ""), str(getattr(code, "value", code) or type(error).__name__))))
