"""The expansion of a request without a job id: one request per job that may be started, each with its own result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.job_code import JobCode
from shared.ledger.expansion import Expansion, LeftJob, WhyLeft
from shared.outcome import Reason
from shared.starting.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.graph.job import SynchronizationJob
    from shared.request.start_request import StartRequest


def expand(request: StartRequest, jobs: Iterable[SynchronizationJob]) -> Expansion:
    """The application's jobs that the request asks for, and those that it leaves out, with the reason."""
    queued: list[str] = []
    left: list[LeftJob] = []
    for job in jobs:
        why = _why_left(request, job)
        if why is None:
            queued.append(job.job_id)
        else:
            left.append(LeftJob(job.job_id, str(job.code), why))
    return Expansion(tuple(queued), tuple(left))


def ending_of_expansion(request: StartRequest, expansion: Expansion) -> Ending:
    """The ending of a request without a job id."""
    if not expansion.queued:
        return Ending(reason=Reason.NOTHING_TO_START, left=expansion.left)
    return Ending(reason=Reason.JOBS_QUEUED, queued=tuple(map(request.for_job, expansion.queued)), left=expansion.left)


def _why_left(request: StartRequest, job: SynchronizationJob) -> WhyLeft | None:
    """Why the job is left out; None if the request asks for it."""
    if job.is_running:
        return WhyLeft.RUNNING
    if job.code not in (JobCode.QUARANTINE, JobCode.PAUSED):
        return WhyLeft.NOT_STARTABLE
    if job.code not in request.start_when:
        return WhyLeft.STATE_NOT_REQUESTED
    return WhyLeft.NEVER_ENABLED if job.was_never_enabled else None
