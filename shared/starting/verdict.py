"""Whether a job is started: one verdict, a pure function of all that speaks for or against it.

| the job                                                  | the verdict                                               |
|----------------------------------------------------------|-----------------------------------------------------------|
| running: Active, or in its first cycle                   | already_active, whatever is asked                         |
| neither in quarantine nor paused                         | not_startable, whatever is asked                          |
| in a state that the request does not list                | state_not_requested                                       |
| one that HELD_REASONS holds                              | that hold, unless the request has force                   |
| started in this same episode                             | already_started, unless the request has force             |
| started START_LIMIT times within START_WINDOW            | relapsing, unless the request has force                   |
| its saved credentials do not work                        | credentials_invalid; they are not tried where it has force|
| none of these, and the request has dryRun                | dry_run                                                   |
| none of these                                            | start it                                                  |

The first row that fits counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.graph.credential_check import CheckResult
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.starting.episode import same_episode

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Start
    from shared.request.start_request import StartRequest
    from shared.settings import Settings

_HOLDING_QUARANTINES = {
    # Accidental-deletion prevention waits for a person; a start could go on deleting accounts.
    "toomanydeletes": Reason.TOO_MANY_DELETES,
    # Somebody put the job there on purpose. Graph writes both spellings.
    "quarantinedondemand": Reason.QUARANTINED_ON_DEMAND,
    "quarantineondemand": Reason.QUARANTINED_ON_DEMAND,
}


class Verdict(NamedTuple):
    """Start the job, or leave it alone for a reason."""

    reason: Reason | None = None
    """Why the job is left alone; None: start it."""
    starts: tuple[Start, ...] = ()
    """The past starts that speak against one more."""

    @property
    def depends_on_credentials(self) -> bool:
        """Whether credentials that do not work would change it."""
        return self.reason in (None, Reason.DRY_RUN)


def judge(
    job: SynchronizationJob,
    request: StartRequest,
    settings: Settings,
    *,
    past: tuple[Start, ...],
    now: datetime,
    credentials: CredentialCheck | None = None,
) -> Verdict:
    """Whether the job is started. `past` are the starts that count (shared.starting.episode), oldest first.

    A job that runs is never started, whatever was asked: Microsoft warns that calling start on a running job
    can stop the service (Microsoft Graph reference, "synchronizationJob: start").
    """
    if job.is_running:
        return Verdict(Reason.ALREADY_ACTIVE)
    if job.code not in (JobCode.QUARANTINE, JobCode.PAUSED):
        return Verdict(Reason.NOT_STARTABLE)
    if job.code not in request.start_when:
        return Verdict(Reason.STATE_NOT_REQUESTED)
    if not request.force:
        hold = _hold(job)
        if hold in settings.held_reasons:
            return Verdict(hold)
        objection = _objection(job, settings, past, now)
        if objection is not None:
            return objection
        if credentials is not None and credentials.result is CheckResult.INVALID:
            return Verdict(Reason.CREDENTIALS_INVALID)
    return Verdict(Reason.DRY_RUN) if request.dry_run else Verdict()


def _hold(job: SynchronizationJob) -> Reason | None:
    """What in the job asks for a person first."""
    # A Paused job may show the reason of the quarantine that it was in when somebody stopped it.
    hold = _HOLDING_QUARANTINES.get((job.quarantine.reason or "").lower()) if job.quarantine is not None else None
    if hold is None and job.code is JobCode.PAUSED and job.escrows_pruned:
        # The first cycle met so many errors that they were dropped; the job waits until their causes are fixed.
        return Reason.ESCROWS_PRUNED
    return hold


def _objection(job: SynchronizationJob, settings: Settings, past: tuple[Start, ...], now: datetime) -> Verdict | None:
    """What the past starts say against one more."""
    same = tuple(start for start in past if same_episode(start, job, now))
    if same:
        return Verdict(Reason.ALREADY_STARTED, same[-1:])
    automatic = tuple(start for start in past if not start.forced and start.at > now - settings.start_window)
    if len(automatic) >= settings.start_limit:
        return Verdict(Reason.RELAPSING, automatic)
    return None
