"""Graph's limit of writes in a window of time, and what it answers beyond it.

Source: Microsoft Graph, "Throttling guidance": calls made while throttled count as well, so that who does not wait
stays throttled. It is not said how long the window of synchronization is, nor that its 429 names a wait.
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
    """So many writes in so many seconds."""

    writes: int
    seconds: float
    retry_after: str | None
    """What a refusal says of the wait; "remaining": the seconds until a write is free, rounded up; None: nothing."""
    counts_refused: bool


def parse_limit(value: object) -> Limit:
    """Read a limit as it is put. Raises ValueError."""
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
    """Counts writes over the last seconds. Without a limit none is refused."""

    def __init__(self) -> None:
        self._limit: Limit | None = None
        self._writes: deque[float] = deque()

    def set(self, limit: Limit | None) -> None:
        """Begin to count anew, with this limit."""
        self._limit = limit
        self._writes.clear()

    def refuses(self) -> bool:
        """Count one more write. Returns whether it is beyond the limit."""
        limit, now = self._limit, monotonic()
        if limit is None:
            return False
        while self._writes and self._writes[0] <= now - limit.seconds:
            self._writes.popleft()
        is_beyond = len(self._writes) >= limit.writes
        if limit.counts_refused and is_beyond:
            # The oldest make room: that many free places are all that a wait of the whole window can give.
            self._writes.popleft()
        if limit.counts_refused or not is_beyond:
            self._writes.append(now)
        return is_beyond

    @property
    def retry_after(self) -> str | None:
        """What a refusal says of the wait, now."""
        if self._limit is None or self._limit.retry_after != _REMAINING:
            return None if self._limit is None else self._limit.retry_after
        return str(max(1, ceil(self._writes[0] + self._limit.seconds - monotonic()))) if self._writes else "1"
