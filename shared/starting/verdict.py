"""The verdict: whether to start a job. It is a pure function of the job, the request, the settings and earlier starts.

| the job                                                  | the verdict                                               |
|----------------------------------------------------------|-----------------------------------------------------------|
| is running: Active, or in its first cycle                | already_active, whatever the request says                 |
| is neither in quarantine nor paused                      | not_startable, whatever the request says                  |
| is in a state that the request does not list             | state_not_requested                                       |
| is held by HELD_REASONS                                  | that reason, unless the request has force                 |
| was started in the same episode                          | already_started, unless the request has force             |
| was started START_LIMIT times within START_WINDOW        | relapsing, unless the request has force                   |
| has saved credentials that do not work                   | credentials_invalid; with force, they are not checked     |
| none of these, and the request has dryRun                | dry_run                                                   |
| none of these                                            | start it                                                  |

The first row that applies counts.
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
    # Accidental-deletion prevention waits for a person. A start could continue to delete accounts.
    "toomanydeletes": Reason.TOO_MANY_DELETES,
    # A person put the job into quarantine on purpose. Graph writes both spellings.
    "quarantinedondemand": Reason.QUARANTINED_ON_DEMAND,
    "quarantineondemand": Reason.QUARANTINED_ON_DEMAND,
}


class Verdict(NamedTuple):
    """Whether to start the job, and if not, why."""

    reason: Reason | None = None
    """Why the job is not started; None to start it."""
    starts: tuple[Start, ...] = ()
    """The earlier starts because of which the job is not started again."""

    @property
    def depends_on_credentials(self) -> bool:
        """Whether credentials that do not work would change the verdict."""
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
    """Decide whether to start the job. `past` are the starts that count (shared.starting.episode), oldest first.

    A running job is never started. Microsoft warns that calling start on a running job can stop the service (Microsoft
    Graph reference, "synchronizationJob: start").
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
    """Why a person has to look at the job before a start; None if there is no such reason."""
    # A Paused job may still show the reason of the quarantine that it was in when it was paused.
    hold = _HOLDING_QUARANTINES.get((job.quarantine.reason or "").lower()) if job.quarantine is not None else None
    if hold is None and job.code is JobCode.PAUSED and job.escrows_pruned:
        # The first cycle had so many errors that Graph dropped them. The job waits until their causes are fixed.
        return Reason.ESCROWS_PRUNED
    return hold


def _objection(job: SynchronizationJob, settings: Settings, past: tuple[Start, ...], now: datetime) -> Verdict | None:
    """The verdict if earlier starts forbid another one; None if they do not."""
    same = tuple(start for start in past if same_episode(start, job, now))
    if same:
        return Verdict(Reason.ALREADY_STARTED, same[-1:])
    automatic = tuple(start for start in past if not start.forced and start.at > now - settings.start_window)
    if len(automatic) >= settings.start_limit:
        return Verdict(Reason.RELAPSING, automatic)
    return None
