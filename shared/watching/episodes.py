"""A job in quarantine, as the watch sees it: its episode, whether that was dealt with, and the request for it.

An episode lasts from the beginning of a quarantine (seriesBegan) until it ends. Graph retries jobs in quarantine, and
imposes the quarantine again if they fail. For the watch, that is not a new episode.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from shared.graph.job import parse_time
from shared.job_code import JobCode
from shared.request.start_request import RequestedBy, StartRequest, derive_request_id
from shared.starting.episode import SAME_EPISODE, same_episode
from shared.time_text import format_time
from shared.watching.memory import JobSeen

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Entry
    from shared.request.reference import JobReference
    from shared.watching.memory import Dealt

SOURCE = "watch"
"""requestedBy.source of the watch's requests."""


class Known(Protocol):
    """What the app has done about a job, for any sender. Every method raises LedgerUnavailable."""

    def get(self, job: JobReference) -> Entry | None:
        """The job's entry in the ledger; None if it has none."""
        ...

    def dealt(self, job: JobReference) -> Dealt | None:
        """When the job was last held, or a request for it failed; None if neither happened."""
        ...


def seen(job: SynchronizationJob, before: JobSeen | None, now: datetime) -> JobSeen:
    """The job as the watch remembers it. An episode that was dealt with stays so."""
    before = before or JobSeen("")
    if job.code is not JobCode.QUARANTINE:
        return before._replace(code=str(job.code), reason=None)
    quarantine = job.quarantine
    episode = quarantine.series_began if quarantine is not None else None
    if episode is None:
        # Without a date, it is the same episode until a read shows the job in another state.
        goes_on = before.code == JobCode.QUARANTINE
        episode = before.episode if goes_on and before.episode is not None else format_time(now)
    dealt = before.dealt and before.episode == episode
    return JobSeen(str(job.code), episode, dealt, quarantine.reason if quarantine is not None else None)


def was_dealt_with(known: Known, reference: JobReference, job: SynchronizationJob, episode: str, now: datetime) -> bool:
    """Whether the job was started or held, or a request for it failed, in this episode, whichever sender asked."""
    began = parse_time(episode) or now
    is_dated = job.quarantine is not None and job.quarantine.series_began is not None
    entry = known.get(reference)
    for start in entry.starts if entry is not None else ():
        if start.at >= began or (not is_dated and same_episode(start, job, now)):
            return True
    dealt = known.dealt(reference)
    return dealt is not None and dealt.at >= (began if is_dated else began - SAME_EPISODE)


def request_for(
    reference: JobReference, object_id: str, job: SynchronizationJob, episode: str, now: datetime
) -> StartRequest:
    """The request for an episode. Repeated requests have the same id."""
    reason = job.quarantine.reason if job.quarantine is not None else None
    since = f"In quarantine since {episode}"
    return StartRequest(
        request_id=episode_id(object_id, job.job_id, episode),
        job=reference,
        requested_by=RequestedBy(SOURCE, None, f"{since}: {reason}" if reason else since),
        requested_at=now,
        start_when=frozenset({JobCode.QUARANTINE}),
    )


def episode_id(object_id: str, job_id: str, episode: str) -> str:
    """The request id of an episode. It is the same for any spelling of the job id."""
    return derive_request_id(SOURCE, object_id, job_id.lower(), episode)
