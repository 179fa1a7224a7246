"""How long a listener waits before it polls an empty queue again: exponential back-off with jitter."""

import random
from datetime import timedelta
from typing import Final

_LEAST_SECONDS: Final = 0.1
_JITTER: Final = 0.2


class PollDelay:
    """Grows from 100 ms to the maximum. A message resets it."""

    def __init__(self, longest: timedelta) -> None:
        self._longest = longest.total_seconds()
        self._empty_polls = 0

    def reset(self) -> None:
        """Start again at the minimum, after a message."""
        self._empty_polls = 0

    def next_seconds(self) -> float:
        """Return the wait after one more empty poll."""
        delay = _LEAST_SECONDS
        if self._empty_polls:
            jitter = random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311 - only spreads polls
            delay += jitter * 2.0 ** (self._empty_polls - 1) * _LEAST_SECONDS
        if delay >= self._longest:
            return self._longest
        self._empty_polls += 1
        return delay
