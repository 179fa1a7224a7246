"""Episodes: one quarantine, or one pause. Which one a job is in, and which starts of it count today.

This is the one place that says what a new quarantine is; `shared.starting.verdict` and `shared.recovery.fate` ask
here. Pure functions of a start, the job and the time.

A quarantine is new after a start where one of its dates is later than that: seriesBegan, or currentBegan, which says
when it was last imposed. What has only earlier dates reads as the quarantine that the start cleared: Graph is
eventually consistent, and another replica may show it for a while. No figure is published for how long.
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
"""How long a start counts for the state that it was made in, where no date names the episode: a job that is Paused, or
a quarantine without dates. A job that reads the same ten minutes later is in that state anew."""


def new_quarantine(job: SynchronizationJob, start: Start, now: datetime) -> datetime | None:
    """Since when the job is in a quarantine that is new after the start; None where it is in none.

    A quarantine without dates is new where the job was seen to run after the start, ten minutes and more ago; `now`
    stands for its date then.
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
    """Whether the job shows that a start of it had its effect: it runs, or is in a quarantine that is new since."""
    return job.is_running or new_quarantine(job, start, now) is not None


def was_seen_to_run(start: Start) -> bool:
    """Whether the job was seen running after the start: at once, or when its fate became known."""
    is_running = start.reason in (Reason.QUARANTINE_CLEARED, Reason.RESUMED, Reason.FIRST_CYCLE_RUNNING)
    return is_running or (start.fate is not None and start.fate.outcome is Outcome.RECOVERED)


def same_episode(start: Start, job: SynchronizationJob, now: datetime) -> bool:
    """Whether the job is still in the quarantine, or the pause, that the start was made in.

    A pause ends where the job was seen to run. A fate that was told ends the episode, too: a person has read that the
    start did not help, and may ask for another one. But where the job has recovered, only a new quarantine is another.
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

    One whose effect is not known counts as accepted where the job shows it, and counts, too, where the job has left
    the episode that it was made in. Where it has not, the start had no effect.
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
