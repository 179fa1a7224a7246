"""What earlier starts of a job say against one more: pure functions of the ledger's entry, the job and the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.graph.job import parse_time
from shared.job_code import JobCode
from shared.outcome import Reason

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Entry, Start
    from shared.settings import Settings

SAME_EPISODE = timedelta(minutes=10)
"""How long a start counts for the state that it was made in, where no seriesBegan names the episode: a job that is
Paused, or a quarantine without that date. A job that reads the same ten minutes later is in that state anew."""


class Objection(NamedTuple):
    """Why a job should not be started once more, and the starts that say so."""

    reason: Reason
    starts: tuple[Start, ...]


def past_starts(entry: Entry | None, job: SynchronizationJob, now: datetime) -> tuple[Start, ...]:
    """The starts that count, oldest first.

    One whose effect is not known counts as accepted where the job shows it, and counts, too, where the job has left
    the episode that it was made in. Where it has not, the start had no effect.
    """
    if entry is None:
        return ()
    starts = (_with_effect(start) if took_effect(start, job) else start for start in entry.starts)
    return tuple(start for start in starts if start.reason is not None or not same_episode(start, job, now))


def took_effect(start: Start, job: SynchronizationJob) -> bool:
    """Whether the job shows that a start of it had its effect: it is Active, or in a quarantine that began since."""
    if job.code is JobCode.ACTIVE:
        return True
    began = parse_time(job.quarantine.series_began) if job.quarantine is not None else None
    return began is not None and began > start.at


def objection(past: tuple[Start, ...], job: SynchronizationJob, settings: Settings, now: datetime) -> Objection | None:
    """What the past starts say against one more; `force` overrides it."""
    same = tuple(start for start in past if start.reason is not None and same_episode(start, job, now))
    if same:
        return Objection(Reason.ALREADY_STARTED, same[-1:])
    automatic = tuple(start for start in past if not start.forced and start.at > now - settings.start_window)
    if len(automatic) >= settings.start_limit:
        return Objection(Reason.RELAPSING, automatic)
    return None


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
    return start if start.reason is not None else replace(start, reason=Reason.START_ACCEPTED)
