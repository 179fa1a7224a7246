"""Retries within one invocation, for faults that may pass in seconds. Longer ones are left to the queue."""

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
    """How many retries there are, and the pauses before them. Times are in seconds."""

    pauses: tuple[float, ...] = (0.5, 1.0, 2.0)
    """The pause before each retry if there is no Retry-After. Up to 50 % more are added at random."""
    longest_pause: float = 5.0
    """The longest pause of a thread. If Graph asks for more, the request waits on the queue instead."""
    patience: float = 60.0
    """The time after which nothing is retried. The host ends an invocation after functionTimeout."""

    read_back_pauses: tuple[float, ...] = (0.5, 1.0, 2.0, 3.0, 3.5)
    """The pauses between reads of a started job until it shows the effect, ten seconds in total. Microsoft does not say
    how long Graph takes."""
    sleep: Callable[[float], None] = time.sleep

    def run[T](self, work: Callable[[], T], *, request_id: str) -> T:
        """The result of the work, which is retried after faults that may pass. Raises the error of the last try."""
        began = time.monotonic()
        for pause in self.pauses:
            try:
                return work()
            except (GraphUnavailable, LedgerUnavailable, JobBusy, StartUnanswered) as error:
                # The pause is random, so that requests that failed together are not retried together.
                wait = pause * random.uniform(1, 1.5)  # noqa: S311 - no secret depends on it
                if isinstance(error, GraphUnavailable) and error.retry_after is not None:
                    wait = error.retry_after
                if wait > self.longest_pause or time.monotonic() - began > self.patience:
                    raise
                _log.warning(line("trying_again", requestId=request_id, waits=f"{wait:.1f}s", error=error))
                self.sleep(wait)
        return work()


IN_ONE_INVOCATION = RetryPolicy()
