"""Graph's limit of writes per time window, and how it refuses more.

Source: Microsoft Graph, "Throttling guidance". Calls made while throttled count too, so that a caller that does not
wait stays throttled. For synchronization, Microsoft documents neither the length of the window nor a Retry-After
header.
"""

from collections import deque
from dataclasses import dataclass
from math import ceil
from time import monotonic
from typing import Final

from local.cloud.fields import Fields

_REMAINING: Final = "remaining"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `writes` writes per `seconds`."""

    writes: int
    seconds: float
    retry_after: str | None
    """The Retry-After header of a refusal. "remaining" gives the seconds until a write is free, rounded up. None omits
    it.
    """
    counts_refused: bool


def parse_limit(value: object) -> Limit:
    """Parse a limit as /_sim/write-limit takes it. Raises ValueError."""
    fields = Fields(value, "writeLimit")
    limit = Limit(
        writes=fields.count("writes", 3000),
        seconds=fields.seconds("seconds", 150),
        retry_after=fields.text("retryAfter"),
        counts_refused=fields.flag("countsRefused", default=True),
    )
    fields.end()
    if not limit.seconds:
        raise ValueError("writeLimit.seconds must be more than 0")
    return limit


class WriteLimit:
    """Counts the writes of the last seconds. Without a limit it refuses none."""

    def __init__(self) -> None:
        self._limit: Limit | None = None
        self._writes: deque[float] = deque()

    def set(self, limit: Limit | None) -> None:
        """Set a limit, and start counting from zero."""
        self._limit = limit
        self._writes.clear()

    def refuses(self) -> bool:
        """Count one more write. Returns whether it exceeds the limit."""
        limit, now = self._limit, monotonic()
        if limit is None:
            return False
        while self._writes and self._writes[0] <= now - limit.seconds:
            self._writes.popleft()
        is_beyond = len(self._writes) >= limit.writes
        if limit.counts_refused and is_beyond:
            # Drop the oldest, so that waiting for one whole window always frees every place.
            self._writes.popleft()
        if limit.counts_refused or not is_beyond:
            self._writes.append(now)
        return is_beyond

    @property
    def retry_after(self) -> str | None:
        """The Retry-After header that a refusal sends now, or None."""
        if self._limit is None or self._limit.retry_after != _REMAINING:
            return None if self._limit is None else self._limit.retry_after
        return str(max(1, ceil(self._writes[0] + self._limit.seconds - monotonic()))) if self._writes else "1"
