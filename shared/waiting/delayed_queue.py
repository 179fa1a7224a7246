"""A queue to which the app itself sends messages, with a delay or at once.

The queue binding of Functions has two limits. It cannot delay a message, and it sends messages only after the function
has ended, so that the function cannot know whether they arrived. This client sends at once, and delays a message with a
visibility time-out. Its messages do not expire. Only instances that delay a message, or run a timer, import
azure-storage-queue.
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
"""The longest delay of a message. The service allows seven days (Microsoft Learn, "Put Message")."""

_NEVER = -1
"""time_to_live of a message that does not expire."""


class DelayedQueue:
    """One queue of the app's storage account."""

    def __init__(self, queue: QueueClient) -> None:
        self._queue = queue

    @classmethod
    def of(cls, settings: Settings, environment: Mapping[str, str], identity: Gate, name: str) -> Self:
        """The queue with this name. Raises InvalidSettings."""
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
        """Send a message that becomes visible after the gap. Raises TransientError."""
        seconds = math.ceil(min(gap, LONGEST_HIDDEN).total_seconds())
        try:
            self._queue.send_message(text, visibility_timeout=seconds, time_to_live=_NEVER)
        except AzureError as error:
            raise self._refusal(error) from error

    def send(self, text: str) -> None:
        """Send a message at once. If the queue is missing, it is created, as by a binding. Raises TransientError."""
        try:
            try:
                self._queue.send_message(text, time_to_live=_NEVER)
            except ResourceNotFoundError:
                self._make()
                self._queue.send_message(text, time_to_live=_NEVER)
        except AzureError as error:
            raise self._refusal(error) from error

    def _make(self) -> None:
        with suppress(ResourceExistsError):  # Another thread has created it.
            self._queue.create_queue()

    def _refusal(self, error: AzureError) -> QueueUnavailable:
        return QueueUnavailable(f"the queue {self._queue.queue_name} took no message: {words(error)}")


def words(error: AzureError) -> str:
    """The status and error code of the service's answer, or why there was none. Its messages have several lines."""
    code = getattr(error, "error_code", None)
    status = getattr(error, "status_code", None)
    return " ".join(filter(None, (str(status or ""), str(getattr(code, "value", code) or type(error).__name__))))
