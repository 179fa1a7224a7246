"""Whether a start helped: the fate of a started job, a pure function of the start, the job and the time.

| the job now                                                         | fate                                   |
|---------------------------------------------------------------------|----------------------------------------|
| Active, and a run that began after the start succeeded              | recovered                              |
| in a quarantine that began after the start, or after it read Active | relapsed                               |
| not there any more (404)                                            | unconfirmed                            |
| anything else when RECOVERY_DEADLINE is over                        | unconfirmed                            |
| started again before any of these was seen                          | what it was then, or else unconfirmed  |

The word of the table is an event's outcome; its reason says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.graph.job import parse_time
from shared.job_code import JobCode
from shared.ledger.fate import Fate
from shared.outcome import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Start

SUCCEEDED = "succeeded"
"""The state of a run without errors, in lower case."""


def fate_of(start: Start, job: SynchronizationJob, seen_at: datetime) -> Fate | None:
    """The fate of the start, if it is known by now."""
    fate = _fate(start, job)
    if fate is None:
        if seen_at < start.follow_until:
            return None
        fate = Reason.NO_SUCCESSFUL_RUN
    return _seen(start, job, fate, seen_at)


def fate_of_unreadable(start: Start, seen_at: datetime, *, gone: bool, error: str) -> Fate | None:
    """The fate of a start whose job Graph does not show."""
    if not gone and seen_at < start.follow_until:
        return None
    fate = Reason.JOB_GONE if gone else Reason.NO_SUCCESSFUL_RUN
    return Fate(reason=fate, started_at=start.at, seen_at=seen_at, error=error)


def fate_before(start: Start, following: Start) -> Fate:
    """The fate of a start after which the job was started again: what was seen of it just before that."""
    job = following.before
    return _seen(start, job, _fate(start, job) or Reason.STARTED_AGAIN, following.at)


def _seen(start: Start, job: SynchronizationJob, fate: Reason, seen_at: datetime) -> Fate:
    relapsed = fate is Reason.QUARANTINED_AGAIN
    return Fate(
        reason=fate,
        started_at=start.at,
        seen_at=seen_at,
        code=job.code,
        quarantine=job.quarantine if relapsed else None,
        lasted_seconds=_lasted_seconds(start, job, seen_at) if relapsed else None,
        last_execution=job.last_execution,
    )


def _fate(start: Start, job: SynchronizationJob) -> Reason | None:
    if job.code is JobCode.ACTIVE and _has_succeeded(start, job):
        return Reason.RUNNING_AGAIN
    if job.code is JobCode.QUARANTINE and (start.code_after is JobCode.ACTIVE or _began_after(start, job) is not None):
        return Reason.QUARANTINED_AGAIN
    return None


def _has_succeeded(start: Start, job: SynchronizationJob) -> bool:
    runs = [job.last_successful_execution]
    if job.last_execution is not None and job.last_execution.state.lower() == SUCCEEDED:
        runs.append(job.last_execution)
    return any(run is not None and run.moment is not None and run.moment >= start.at for run in runs)


def _began_after(start: Start, job: SynchronizationJob) -> datetime | None:
    """When the quarantine began, if that was after the start: the whole series of it, or else its latest part."""
    if job.quarantine is None:
        return None
    moments = (parse_time(job.quarantine.series_began), parse_time(job.quarantine.current_began))
    return next((moment for moment in moments if moment is not None and moment > start.at), None)


def _lasted_seconds(start: Start, job: SynchronizationJob, seen_at: datetime) -> int:
    return round(((_began_after(start, job) or seen_at) - start.at).total_seconds())
