"""The fate of a start: whether it helped. It is a pure function of the start, the job and the time.

| the job now                                                           | fate                                   |
|-----------------------------------------------------------------------|----------------------------------------|
| in a quarantine that is new after the start (shared.starting.episode) | relapsed                               |
| running, and a run that began after the start succeeded               | recovered: running_again               |
| running, and such a run wrote entries, but some had errors            | recovered: running_with_errors         |
| gone: 404 in two runs of the timer                                    | unconfirmed                            |
| anything else at the end of RECOVERY_DEADLINE                         | unconfirmed                            |
| started again before any of these was seen                            | as seen then, or else unconfirmed      |

The first word is the outcome of the event. If Graph still shows the quarantine that the start cleared, the next run of
the timer reads the job again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.ledger.fate import Fate
from shared.outcome import Reason
from shared.starting.episode import new_quarantine

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import Execution, SynchronizationJob
    from shared.ledger.entry import Start

SUCCEEDED, ENTRY_LEVEL_ERRORS = "succeeded", "entrylevelerrors"
"""The states of a run without errors, and of a run with errors in some entries. In lower case."""


def fate_of(start: Start, job: SynchronizationJob, seen_at: datetime) -> Fate | None:
    """The fate of the start; None if it is not known yet."""
    reason = _reason(start, job, seen_at)
    if reason is None:
        if seen_at < start.follow_until:
            return None
        reason = Reason.NO_SUCCESSFUL_RUN
    return _seen(start, job, reason, seen_at)


def fate_of_unreadable(start: Start, seen_at: datetime, *, gone: bool, error: str) -> Fate | None:
    """The fate of a start whose job could not be read; None before the deadline, unless the job is gone."""
    if not gone and seen_at < start.follow_until:
        return None
    reason = Reason.JOB_GONE if gone else Reason.NO_SUCCESSFUL_RUN
    return Fate(reason=reason, started_at=start.at, seen_at=seen_at, error=error)


def fate_before(start: Start, following: Start) -> Fate:
    """The fate of a start before another start of the job, from how the job was just before the second one.

    A fate that was noted earlier is kept.
    """
    job = following.before
    if start.due is not None:
        return _seen(start, job, start.due.reason, start.due.seen_at)
    return _seen(start, job, _reason(start, job, following.at) or Reason.STARTED_AGAIN, following.at)


def _seen(start: Start, job: SynchronizationJob, reason: Reason, seen_at: datetime) -> Fate:
    began = new_quarantine(job, start, seen_at) if reason is Reason.QUARANTINED_AGAIN else None
    return Fate(
        reason=reason,
        started_at=start.at,
        seen_at=seen_at,
        code=job.code,
        quarantine=job.quarantine if began is not None else None,
        lasted_seconds=round((began - start.at).total_seconds()) if began is not None else None,
        last_execution=job.last_execution,
    )


def _reason(start: Start, job: SynchronizationJob, seen_at: datetime) -> Reason | None:
    if new_quarantine(job, start, seen_at) is not None:
        return Reason.QUARANTINED_AGAIN
    if not job.is_running:
        return None
    if _since(job.last_successful_execution, start) or _ended_since(job.last_execution, start, SUCCEEDED):
        return Reason.RUNNING_AGAIN
    if _ended_since(job.last_execution, start, ENTRY_LEVEL_ERRORS) and _wrote_entries(job.last_execution):
        return Reason.RUNNING_WITH_ERRORS
    return None


def _since(run: Execution | None, start: Start) -> bool:
    return run is not None and run.moment is not None and run.moment >= start.at


def _ended_since(run: Execution | None, start: Start, state: str) -> bool:
    return run is not None and run.state.lower() == state and _since(run, start)


def _wrote_entries(run: Execution | None) -> bool:
    return run is not None and bool(run.count_exported)
