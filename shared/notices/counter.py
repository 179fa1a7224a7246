"""The counter of the post office for one target: few notices at a time, and hardly any while the target is away.

A target that does not answer holds each call for READ_TIMEOUT seconds. Where notices and starts share an instance, they
share its threads: so a target never has more than MOST_AT_ONCE of them, all targets together no more than the post
office has, and what finds no place waits on the queue.
"""

from __future__ import annotations

import random
import time
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from shared.errors import ServiceAway, TargetUnavailable
from shared.notices.deliver import deliver, put_back
from shared.waiting.gate import Gate

if TYPE_CHECKING:
    from shared.notices.deliver import Again
    from shared.notices.notice import Notice
    from shared.notices.target import Target
    from shared.notices.targets.client import Outgoing, TargetClient
    from shared.waiting.gate import Ticket

MOST_AT_ONCE = 2
"""How many notices of one target an instance delivers at once."""

NO_PLACE = (5.0, 15.0)
"""Between how many seconds and how many a notice waits that finds no place."""


class Counter:
    """Delivers the notices of one target; used by all threads of the process."""

    def __init__(self, target: Target, client: TargetClient, in_all: BoundedSemaphore) -> None:
        """`in_all` are the places of all targets together."""
        self._client = client
        self._gate = Gate(target.value, longest_wait=0.0)
        self._places = BoundedSemaphore(MOST_AT_ONCE)
        self._in_all = in_all

    def serve(self, notice: Notice, outgoing: Outgoing, *, dequeue_count: int) -> Again | None:
        """Deliver a notice, or put it back. Raises TargetRefused where the target wants nothing at all."""
        if not self._take_place():
            gap = random.uniform(*NO_PLACE)  # noqa: S311 - spreads what comes back, guards nothing
            busy = TargetUnavailable("has as many calls in progress as it may get")
            return put_back(notice, outgoing, busy, gap, dequeue_count=dequeue_count)
        try:
            ticket = self._gate.enter(notice.event_id)
        except ServiceAway as error:
            return put_back(notice, outgoing, error, max(1.0, error.until - time.time()), dequeue_count=dequeue_count)
        else:
            return self._deliver(notice, outgoing, dequeue_count, ticket)
        finally:
            self._in_all.release()
            self._places.release()

    def _take_place(self) -> bool:
        if not self._places.acquire(blocking=False):
            return False
        if self._in_all.acquire(blocking=False):
            return True
        self._places.release()
        return False

    def _deliver(self, notice: Notice, outgoing: Outgoing, dequeue_count: int, ticket: Ticket) -> Again | None:
        again: Again | None = None
        try:
            again = deliver(notice, outgoing, self._client, dequeue_count=dequeue_count)
        finally:
            # A refusal is an answer, too.
            error = again.error if again is not None else None
            if error is None:
                self._gate.answered(ticket)
            else:
                self._gate.failed(ticket, str(error), retry_after=error.retry_after)
        return again
