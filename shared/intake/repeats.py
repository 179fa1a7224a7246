"""Reports each refused body only once, so that a sender with a thousand wrong bodies per minute can't fill the queue.

An instance remembers what it reported. Another instance may report the same body again, with the same event id.
"""

from __future__ import annotations

import hashlib
from http import HTTPStatus
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.event.status_event import StatusEvent
    from shared.intake.start_requests import Taken

AGAIN_AFTER = 3600.0
"""Seconds after which the same refused body is reported again."""
MAX_REPORTS = 100
"""Most refused bodies of one source that are reported within AGAIN_AFTER. The log has a line for each body."""


class Repeats:
    """What was reported within AGAIN_AFTER. Used by all threads of the process."""

    def __init__(self) -> None:
        self._reported: dict[str, dict[tuple[str, ...], float]] = {}
        self._lock = Lock()

    def is_new(self, source: str, keys: Iterable[str], now: float) -> bool:
        """Whether to report a refused body: none of its keys was reported lately, and MAX_REPORTS is not reached.

        If so, its keys are recorded as reported. `now` is in seconds, from a monotonic clock.
        """
        new = tuple(keys)
        with self._lock:
            lately = {told: at for told, at in self._reported.get(source, {}).items() if now - at < AGAIN_AFTER}
            self._reported[source] = lately
            if len(lately) >= MAX_REPORTS or any(key in told for told in lately for key in new):
                return False
            lately[new] = now
            return True


_repeats = Repeats()


def worth_reporting(source: str, body: bytes, taken: Taken) -> tuple[StatusEvent, ...]:
    """The events to queue for a body: all of them, or none if it was refused and reported lately."""
    if not taken.events or taken.answer.status < HTTPStatus.BAD_REQUEST:
        return taken.events
    keys = [hashlib.sha256(body).hexdigest(), *(event.request_id for event in taken.events)]
    return taken.events if _repeats.is_new(source.lower(), keys, monotonic()) else ()
