"""The rate at which a target may be called, and the pauses that it asks for."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING

from shared.errors import TargetUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_WAIT = 20.0
"""The most seconds that a thread waits for its turn. If it would take longer, the notice is put back on the queue."""


class Pace:
    """Keeps a gap between calls, for all threads of the process."""

    def __init__(
        self, gap: float, *, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """`gap` is in seconds."""
        self.gap = gap
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()
        self._next = 0.0

    def wait(self) -> None:
        """Wait for the next turn. Raises TargetUnavailable if that would take longer than LONGEST_WAIT."""
        with self._lock:
            now = self._clock()
            pause = max(0.0, self._next - now)
            if pause > LONGEST_WAIT:
                raise TargetUnavailable("has more to take than it takes in time", retry_after=pause)
            self._next = now + pause + self.gap
        if pause:
            self._sleep(pause)

    def hold(self, seconds: float) -> None:
        """Make no call for so many seconds, because the target asked for it."""
        with self._lock:
            self._next = max(self._next, self._clock() + seconds)
