"""Trying again within one invocation what may pass in seconds. What takes longer is left to the queue."""

from __future__ import annotations

import logging
import random
import time
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import GraphUnavailable, JobBusy, LedgerUnavailable, StartUnanswered
from shared.log import line

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)


class RetryPolicy(NamedTuple):
    """How often a try is repeated, and after which waits. Times are in seconds."""

    pauses: tuple[float, ...] = (0.5, 1.0, 2.0)
    """How long is waited before each further try, where Graph names no time; up to a half more is added at random."""
    longest_pause: float = 5.0
    """How long a thread waits at most; where Graph asks for more, the queue delivers the message again later."""
    patience: float = 60.0
    """After which nothing is tried again; the host ends an invocation after functionTimeout."""

    read_back_pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 3.5)
    """How long is waited before the job is read again that does not show the effect of its start yet: ten seconds in
    all. No figure is published for how long Graph takes."""
    sleep: Callable[[float], None] = time.sleep

    def run[T](self, work: Callable[[], T], *, request_id: str) -> T:
        """What the work returns; it is tried again after a fault that may pass. Raises what the last try raised."""
        began = time.monotonic()
        for pause in self.pauses:
            try:
                return work()
            except (GraphUnavailable, LedgerUnavailable, JobBusy, StartUnanswered) as error:
                # A spread, so that requests which were turned away together don't come back together.
                wait = pause * random.uniform(1, 1.5)  # noqa: S311 - no secret depends on it
                if isinstance(error, GraphUnavailable) and error.retry_after is not None:
                    wait = error.retry_after
                if wait > self.longest_pause or time.monotonic() - began > self.patience:
                    raise
                _log.warning(line("trying_again", requestId=request_id, waits=f"{wait:.1f}s", error=error))
                self.sleep(wait)
        return work()


IN_ONE_INVOCATION = RetryPolicy()
