"""Requests in progress: several threads send them, up to a limit, until their events arrive."""

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
    """All requests of a part. `send` runs in the threads of the senders, the other methods in the reader's."""

    def __init__(self, requests: Sequence[Request], in_flight: int) -> None:
        self._to_send = deque(enumerate(requests))
        self._open = {request["requestId"] for request in requests}
        self._in_flight = in_flight
        self._under_way = 0
        self._changed = Condition()
        self.started = 0
        """How many requests have started their job. Only the reader writes it."""
        self._accepted: dict[str, float] = {}
        self._ended: dict[str, float] = {}

    @property
    def open(self) -> int:
        """How many requests have no event yet."""
        with self._changed:
            return len(self._open)

    def send(self, client: AppClient) -> None:
        """Send the requests that are left, alternately over HTTP and through the queue."""
        while (numbered := self._next()) is not None:
            number, request = numbered
            if number % 2:
                client.ask(request)
            else:
                client.put_message(json.dumps(request))
            self._accepted[request["requestId"]] = monotonic()

    def arrived(self, request_ids: Iterable[str]) -> None:
        """Record the events of some requests."""
        now = monotonic()
        with self._changed:
            for request_id in request_ids:
                if request_id in self._open:
                    self._open.remove(request_id)
                    self._ended[request_id] = now
                    self._under_way -= 1
            self._changed.notify_all()

    def give_up(self) -> None:
        """Send no more."""
        with self._changed:
            self._to_send.clear()
            self._changed.notify_all()

    def latencies(self) -> tuple[float, ...]:
        """Seconds from acceptance to event, sorted. An event may arrive before its sender gets the answer."""
        return tuple(sorted(max(0.0, ended - self._accepted[each]) for each, ended in self._ended.items()))

    def _next(self) -> tuple[int, Request] | None:
        """Wait until there is room for the next request, and return it. None if there is none left."""
        with self._changed:
            self._changed.wait_for(lambda: self._under_way < self._in_flight or not self._to_send)
            if not self._to_send:
                return None
            self._under_way += 1
            return self._to_send.popleft()
