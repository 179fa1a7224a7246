"""Which starts of a job count today, and whether the job is still in the episode that a start was made in.

An episode is one quarantine, or one pause. Pure functions of a start, the job and the time.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.graph.job import parse_time
from shared.job_code import JobCode
from shared.ledger.entry import State
from shared.outcome import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Entry, Start

SAME_EPISODE = timedelta(minutes=10)
"""How long a start counts for the state that it was made in, where no seriesBegan names the episode: a job that is
Paused, or a quarantine without that date. A job that reads the same ten minutes later is in that state anew."""


def past_starts(entry: Entry | None, job: SynchronizationJob, now: datetime) -> tuple[Start, ...]:
    """The starts that count, oldest first.

    One whose effect is not known counts as accepted where the job shows it, and counts, too, where the job has left
    the episode that it was made in. Where it has not, the start had no effect.
    """
    if entry is None:
        return ()
    starts = (_with_effect(start) if took_effect(start, job) else start for start in entry.starts)
    return tuple(start for start in starts if start.state is not State.STARTING or not same_episode(start, job, now))


def took_effect(start: Start, job: SynchronizationJob) -> bool:
    """Whether the job shows that a start of it had its effect: it is Active, or in a quarantine that began since."""
    if job.code is JobCode.ACTIVE:
        return True
    began = parse_time(job.quarantine.series_began) if job.quarantine is not None else None
    return began is not None and began > start.at


def same_episode(start: Start, job: SynchronizationJob, now: datetime) -> bool:
    """Whether the job reads as it did when the start was made: in the same quarantine, or the same pause."""
    if start.before.code != job.code:
        return False
    then = start.before.quarantine.series_began if start.before.quarantine is not None else None
    today = job.quarantine.series_began if job.quarantine is not None else None
    if then is not None and today is not None:
        return then == today
    return now - start.at < SAME_EPISODE


def _with_effect(start: Start) -> Start:
    return replace(start, reason=Reason.START_ACCEPTED) if start.state is State.STARTING else start
