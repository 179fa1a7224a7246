"""Refused bodies are reported once: a sender that is wrong a thousand times a minute must not fill the queue.

An instance remembers what it reported; another instance may report the same body once more, under the same event id.
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
"""How many different refused bodies of one source are reported within AGAIN_AFTER; the log has a line for each."""


class Repeats:
    """What was reported lately; used by all threads of a process."""

    def __init__(self) -> None:
        self._reported: dict[str, dict[tuple[str, ...], float]] = {}
        self._lock = Lock()

    def is_new(self, source: str, keys: Iterable[str], now: float) -> bool:
        """Whether none of the keys of a refused body was reported lately, and there is room; then they are noted.

        `now` is in seconds, by a clock that never goes back.
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
    """The events of a body that go on the queue: all, but those of a refusal that was reported lately."""
    if not taken.events or taken.answer.status < HTTPStatus.BAD_REQUEST:
        return taken.events
    keys = [hashlib.sha256(body).hexdigest(), *(event.request_id for event in taken.events)]
    return taken.events if _repeats.is_new(source.lower(), keys, monotonic()) else ()
