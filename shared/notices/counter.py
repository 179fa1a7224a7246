"""The post office's counter for one target: it delivers few notices at once, and hardly any while the target is down.

If a target does not answer, each call occupies a thread for READ_TIMEOUT seconds. Starts may need the same threads. So
a target gets at most MOST_AT_ONCE threads, and all targets together get at most the post office's share. Other notices
wait on the queue.
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
"""The most notices that an instance delivers to one target at once."""

NO_PLACE = (5.0, 15.0)
"""The least and most seconds that a notice waits if there is no place for it."""


class Counter:
    """Delivers the notices of one target. All threads of the process use it."""

    def __init__(self, target: Target, client: TargetClient, in_all: BoundedSemaphore) -> None:
        """`in_all` limits all targets together."""
        self._client = client
        self._gate = Gate(target.value, longest_wait=0.0)
        self._places = BoundedSemaphore(MOST_AT_ONCE)
        self._in_all = in_all

    def serve(self, notice: Notice, outgoing: Outgoing, *, dequeue_count: int) -> Again | None:
        """Deliver a notice. Returns a notice to try again, or None. Raises TargetRefused if the target refuses all."""
        if not self._take_place():
            gap = random.uniform(*NO_PLACE)  # noqa: S311 - no secret depends on it
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
            # A refusal also shows that the target is up.
            error = again.error if again is not None else None
            if error is None:
                self._gate.answered(ticket)
            else:
                self._gate.failed(ticket, str(error), retry_after=error.retry_after)
        return again
