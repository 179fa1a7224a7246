"""Whether a job may be started: a pure function of the job, the request, the settings and earlier starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.job_code import JobCode
from shared.outcome import Reason

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob
    from shared.request.start_request import StartRequest
    from shared.settings import Settings

_HOLDING_QUARANTINES = {
    # Accidental-deletion prevention waits for a person; a start could go on deleting accounts.
    "toomanydeletes": Reason.TOO_MANY_DELETES,
    # Somebody put the job there on purpose. Graph writes both spellings.
    "quarantinedondemand": Reason.QUARANTINED_ON_DEMAND,
    "quarantineondemand": Reason.QUARANTINED_ON_DEMAND,
}


def decide(
    job: SynchronizationJob, request: StartRequest, settings: Settings, earlier: Reason | None = None
) -> Reason | None:
    """The reason why the job is left alone; None: start it.

    `earlier` is what earlier starts of the job say against one more (shared.starting.guard).

    An Active job is never started, whatever was asked: Microsoft warns that calling start on a running job
    can stop the service (Microsoft Graph reference, "synchronizationJob: start").
    """
    if job.code is JobCode.ACTIVE:
        return Reason.ALREADY_ACTIVE
    if job.code not in (JobCode.QUARANTINE, JobCode.PAUSED):
        return Reason.NOT_STARTABLE
    if job.code not in request.start_when:
        return Reason.STATE_NOT_REQUESTED
    hold = _hold(job)
    against = hold if hold in settings.held_reasons else earlier
    if against is not None and not request.force:
        return against
    return Reason.DRY_RUN if request.dry_run else None


def _hold(job: SynchronizationJob) -> Reason | None:
    """What in the job asks for a person first."""
    if job.quarantine is not None:
        return _HOLDING_QUARANTINES.get((job.quarantine.reason or "").lower())
    # The first cycle met so many errors that they were dropped; the job waits until their causes are mended.
    return Reason.ESCROWS_PRUNED if job.code is JobCode.PAUSED and job.escrows_pruned else None
