"""Reads the status queue as a consumer of the app does."""

from __future__ import annotations

import base64
import json
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.storage.queue import QueueClient

type Event = dict[str, Any]

_BATCH: Final = 32
_PAUSE_SECONDS: Final = 0.05


class StatusEvents:
    """The events, in the order in which they were read. An event is deleted from the queue when read, and kept here."""

    def __init__(self, queue: QueueClient) -> None:
        self.queue = queue
        self._kept: list[Event] = []

    def read(self) -> list[Event]:
        """The events that were not returned before, without waiting."""
        self._fetch()
        events, self._kept = self._kept, []
        return events

    def next(self, wanted: Callable[[Event], bool] = lambda _: True, *, timeout: float = 60.0) -> Event:
        """The first wanted event; the others are kept for later. Raises TimeoutError after `timeout` seconds."""
        deadline = monotonic() + timeout
        looked_at = 0
        while True:
            for index in range(looked_at, len(self._kept)):
                if wanted(self._kept[index]):
                    return self._kept.pop(index)
            looked_at = len(self._kept)
            if not self._fetch():
                if monotonic() > deadline:
                    raise TimeoutError(f"no such status event within {timeout:g} s; there are {self._kept}")
                sleep(_PAUSE_SECONDS)

    def of(self, request_id: str, *, timeout: float = 60.0) -> Event:
        """The next event of one request."""
        return self.next(lambda event: event["data"]["requestId"] == request_id, timeout=timeout)

    def _fetch(self) -> bool:
        """Read the messages in the queue. Returns whether there were any."""
        messages = list(self.queue.receive_messages(messages_per_page=_BATCH, max_messages=_BATCH))
        for message in messages:
            self._kept.append(json.loads(base64.b64decode(message.content, validate=True)))
            self.queue.delete_message(message)
        return bool(messages)
