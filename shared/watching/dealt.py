"""Notes for the watch which jobs were held, and for which a request failed, so that it does not request them again."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.errors import TransientError
from shared.log import line
from shared.outcome import Outcome
from shared.watching.memory import Dealt, Memory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.event.status_event import StatusEvent
    from shared.watching.memory import Rows

_DEALT = frozenset({Outcome.HELD, Outcome.FAILED})

_log = logging.getLogger(__name__)


def note(events: Iterable[StatusEvent], rows: Callable[[], Rows]) -> None:
    """Note the jobs of the events that are held or failed.

    If the ledger is not available, that is logged, and the watch may request these jobs once more.
    """
    jobs = [
        (event.job, Dealt(event.finished_at, event.ending.reason))
        for event in events
        if event.ending.reason.outcome in _DEALT
        and event.job is not None
        and event.job.service_principal_id is not None
        and event.job.job_id is not None
    ]
    if not jobs:
        return
    try:
        Memory(rows()).note_dealt(jobs)
    except TransientError as error:
        _log.warning(line("hold_not_noted", job=jobs[0][0], error=error))
