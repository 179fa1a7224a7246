"""A queue on which the app itself puts a message: one that nobody sees for a while, or one that has to be there now.

The queue binding of Functions has no delay for a single message. What has one is a new message with a visibility
timeout. Nor does a function learn whether a message is on the queue that it put there by a binding: that is written
after the function has ended. Messages put here do not expire. azure-storage-queue is imported where the first message
has to wait, and by the timer; instances on which nothing waits do without.
"""

from __future__ import annotations

import math
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Self

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.queue import QueueServiceClient

from shared.errors import QueueUnavailable
from shared.ledger.connection import connect

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.storage.queue import QueueClient

    from shared.graph.gate import Gate
    from shared.settings import Settings

LONGEST_HIDDEN = timedelta(days=7) - timedelta(minutes=1)
"""The service hides a message for seven days at most (Microsoft Learn, "Put Message")."""

_NEVER = -1
"""time_to_live of a message that does not expire."""


class DelayedQueue:
    """One queue of the app's storage account."""

    def __init__(self, queue: QueueClient) -> None:
        self._queue = queue

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str], identity: Gate, name: str) -> Self:
        """The queue of that name. Raises InvalidSettings."""
        client = connect(
            QueueServiceClient,
            "queue",
            settings.queue_connection,
            environment,
            threads=settings.threads,
            identity=identity,
        )
        return cls(client.get_queue_client(name))

    def put(self, text: str, gap: timedelta) -> None:
        """Put a message on the queue that nobody sees before the gap is over. Raises TransientError."""
        seconds = math.ceil(min(gap, LONGEST_HIDDEN).total_seconds())
        try:
            self._queue.send_message(text, visibility_timeout=seconds, time_to_live=_NEVER)
        except AzureError as error:
            raise self._refusal(error) from error

    def send(self, text: str) -> None:
        """Put a message on the queue, which is made where it is missing, as by a binding. Raises TransientError."""
        try:
            try:
                self._queue.send_message(text, time_to_live=_NEVER)
            except ResourceNotFoundError:
                self._make()
                self._queue.send_message(text, time_to_live=_NEVER)
        except AzureError as error:
            raise self._refusal(error) from error

    def _make(self) -> None:
        with suppress(ResourceExistsError):  # Another thread was quicker.
            self._queue.create_queue()

    def _refusal(self, error: AzureError) -> QueueUnavailable:
        return QueueUnavailable(f"the queue {self._queue.queue_name} took no message: {words(error)}")


def words(error: AzureError) -> str:
    """The service's error code, or what kept it from an answer; messages go over several lines."""
    code = getattr(error, "error_code", None)
    status = getattr(error, "status_code", None)
    return " ".join(filter(None, (str(status or ""), str(getattr(code, "value", code) or type(error).__name__))))
