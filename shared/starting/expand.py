"""A request without a job id becomes one for each job that may be started, so that each fails or succeeds alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.outcome import Reason
from shared.starting.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.graph.job import SynchronizationJob
    from shared.request.start_request import StartRequest


def expand(request: StartRequest, jobs: Iterable[SynchronizationJob]) -> Ending:
    """The requests for the application's jobs that are in a state to start."""
    jobs = tuple(jobs)
    wanted = [job.job_id for job in jobs if job.code in request.start_when]
    if not wanted:
        return Ending(reason=Reason.NOTHING_TO_START, codes=tuple(str(job.code) for job in jobs))
    return Ending(reason=Reason.JOBS_QUEUED, queued=tuple(map(request.for_job, wanted)))
