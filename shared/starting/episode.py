"""Episodes: one quarantine, or one pause. Which episode a job is in, and which of its starts count.

Only this module decides whether a quarantine is new; `shared.starting.verdict` and `shared.recovery.fate` use it. It
has pure functions of a start, the job and the time.

A quarantine is new after a start if seriesBegan or currentBegan is later than the start. currentBegan says when the
quarantine was last imposed. With only earlier dates, it is the quarantine that the start cleared. Graph is eventually
consistent, so another replica may still show it. Microsoft does not say for how long.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from shared.graph.job import parse_time
from shared.job_code import JobCode
from shared.ledger.entry import State
from shared.outcome import Outcome, Reason

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Entry, Start

SAME_EPISODE = timedelta(minutes=10)
"""How long a start counts if no date identifies its episode, as for a Paused job or a quarantine without dates. If the
job is in the same state after that, it is a new episode."""


def new_quarantine(job: SynchronizationJob, start: Start, now: datetime) -> datetime | None:
    """When the quarantine began that is new after the start; None if the job is in no such quarantine.

    A quarantine without dates is new if the job was seen running after the start, and the start was at least
    SAME_EPISODE ago. Its beginning is then `now`.
    """
    if job.code is not JobCode.QUARANTINE:
        return None
    quarantine = job.quarantine
    dates = (quarantine.series_began, quarantine.current_began) if quarantine is not None else ()
    moments = [moment for moment in map(parse_time, dates) if moment is not None]
    if not moments:
        return now if was_seen_to_run(start) and now - start.at >= SAME_EPISODE else None
    return next((moment for moment in moments if moment > start.at), None)


def took_effect(start: Start, job: SynchronizationJob, now: datetime) -> bool:
    """Whether the job shows the effect of the start: it runs, or is in a quarantine that is new after the start."""
    return job.is_running or new_quarantine(job, start, now) is not None


def was_seen_to_run(start: Start) -> bool:
    """Whether the job was seen running after the start, either at once or when its fate became known."""
    is_running = start.reason in (Reason.QUARANTINE_CLEARED, Reason.RESUMED, Reason.FIRST_CYCLE_RUNNING)
    return is_running or (start.fate is not None and start.fate.outcome is Outcome.RECOVERED)


def same_episode(start: Start, job: SynchronizationJob, now: datetime) -> bool:
    """Whether the job is still in the quarantine, or the pause, in which the start was made.

    A pause ends when the job was seen running. A fate other than recovered also ends the episode: people have read that
    the start did not help, and may request another. After a recovery, only a new quarantine is a new episode.
    """
    if start.before.code != job.code:
        return False
    if start.fate is not None and start.fate.outcome is not Outcome.RECOVERED:
        return False
    if job.code is JobCode.PAUSED and was_seen_to_run(start):
        return False
    if _has_dates(job):
        return new_quarantine(job, start, now) is None
    return now - start.at < SAME_EPISODE


def past_starts(entry: Entry | None, job: SynchronizationJob, now: datetime) -> tuple[Start, ...]:
    """The starts that count, oldest first.

    A start whose effect is not known counts as accepted if the job shows its effect. It also counts if the job has left
    the episode of the start. If the job is still in that episode, the start had no effect.
    """
    if entry is None:
        return ()
    starts = (_with_effect(start) if took_effect(start, job, now) else start for start in entry.starts)
    return tuple(start for start in starts if start.state is not State.STARTING or not same_episode(start, job, now))


def _has_dates(job: SynchronizationJob) -> bool:
    quarantine = job.quarantine if job.code is JobCode.QUARANTINE else None
    return quarantine is not None and any(map(parse_time, (quarantine.series_began, quarantine.current_began)))


def _with_effect(start: Start) -> Start:
    return start._replace(reason=Reason.START_ACCEPTED) if start.state is State.STARTING else start
