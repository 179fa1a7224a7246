"""Requests under way: sent by several threads, a bounded number at once, and met by their events."""

from __future__ import annotations

import json
from collections import deque
from threading import Condition
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local.client.app_client import AppClient

type Request = dict[str, str]


class Traffic:
    """All requests of a part. `send` runs in the threads of the senders, the rest in the reader's."""

    def __init__(self, requests: Sequence[Request], in_flight: int) -> None:
        self._to_send = deque(enumerate(requests))
        self._open = {request["requestId"] for request in requests}
        self._in_flight = in_flight
        self._under_way = 0
        self._changed = Condition()
        self.started = 0
        """How many requests have started their job; the reader counts."""
        self._accepted: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    @property
    def open(self) -> int:
        """How many requests have no event yet."""
        with self._changed:
            return len(self._open)

    def send(self, client: AppClient) -> None:
        """Send whatever is left, every other request by HTTP, the others by queue."""
        while (numbered := self._next()) is not None:
            number, request = numbered
            if number % 2:
                client.ask(request)
            else:
                client.put_message(json.dumps(request))
            self._accepted[request["requestId"]] = monotonic()

    def arrived(self, request_ids: Iterable[str]) -> None:
        """Note the events of some requests."""
        now = monotonic()
        with self._changed:
            for request_id in request_ids:
                if request_id in self._open:
                    self._open.remove(request_id)
                    self._ended[request_id] = now
                    self._under_way -= 1
            self._changed.notify_all()

    def give_up(self) -> None:
        """Send nothing more."""
        with self._changed:
            self._to_send.clear()
            self._changed.notify_all()

    def latencies(self) -> tuple[float, ...]:
        """Seconds from acceptance to event, sorted. An event may be there before its sender knows of the acceptance."""
        return tuple(sorted(max(0.0, ended - self._accepted[each]) for each, ended in self._ended.items()))

    def _next(self) -> tuple[int, Request] | None:
        """The next to send, as soon as there is room for it; None where there is none left."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._in_flight or not self._to_send)
            if not self._to_send:
                return None
            self._under_way += 1
            return self._to_send.popleft()
