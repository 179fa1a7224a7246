"""Synchronization jobs in every state, as Graph shows them, for the demo and the tests.

The odd parts are Graph's. A missing date is 0001-01-01 or an empty string. A Paused job may have a quarantine of empty
strings. A new job is Paused with its schedule Disabled.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from local.cloud.job_form import NO_DATE, complete, execution, graph_time, no_execution

if TYPE_CHECKING:
    from collections.abc import Mapping

type SynchronizationJob = dict[str, Any]

CREDENTIALS: Final = {
    "code": "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable",
    "message": "The application did not accept the credentials that are saved for provisioning.",
    "tenantActionable": True,
}
_DELETES: Final = {
    "code": "TooManyDeletes",
    "message": "More accounts are about to be deleted than the threshold of this job allows.",
    "tenantActionable": True,
}
_EMPTY_QUARANTINE: Final = {"currentBegan": "", "nextAttempt": "", "reason": "", "seriesBegan": "", "seriesCount": 0}


def quarantined(
    job_id: str,
    *,
    template_id: str = "scim",
    reason: str = "EncounteredQuarantineException",
    hours: float = 9,
    schedule: str = "Active",
    first_cycle: bool = False,
    error: Mapping[str, Any] | None = CREDENTIALS,
    error_in_quarantine: bool = True,
) -> SynchronizationJob:
    """In quarantine for some hours. With `first_cycle` it has never left it, so that a start begins its first cycle.

    `schedule` becomes Disabled after four weeks. `error` is the cause in the quarantine and the last run; many jobs
    have it only in the last run.
    """
    began = datetime.now(UTC) - timedelta(hours=hours)
    last = began + timedelta(hours=hours * 0.9)
    error = _DELETES if reason == "TooManyDeletes" else error
    quarantine = {
        **_quarantine(reason, began, last),
        **({"error": error} if error_in_quarantine else {}),
    }
    status = {
        **({} if first_cycle else _ran(began - timedelta(hours=1))),
        "quarantine": quarantine,
        "lastExecution": execution("Failed", last, error=error),
    }
    return _job(job_id, template_id, "Quarantine", schedule=schedule, **status)


def paused(
    job_id: str,
    *,
    template_id: str = "scim",
    escrows_pruned: bool = False,
    reason: str | None = None,
    error: Mapping[str, Any] | None = None,
) -> SynchronizationJob:
    """Paused by a person after it had run, or, if escrows were pruned, by a first cycle with too many errors.

    `reason` is that of the quarantine in which it was paused. Without it, the quarantine is empty except for `error`.
    """
    now = datetime.now(UTC)
    began, last = now - timedelta(hours=9), now - timedelta(hours=1)
    quarantine = _quarantine(reason, began, last) if reason else _EMPTY_QUARANTINE
    status = {
        **({} if escrows_pruned else _ran(now - timedelta(hours=10))),
        "escrowsPruned": escrows_pruned,
        "quarantine": {**quarantine, **({} if error is None else {"error": error})},
    }
    return _job(job_id, template_id, "Paused", schedule="Disabled", **status)


def created(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """Just created: Paused, and never started."""
    return _job(job_id, template_id, "Paused", schedule="Disabled")


def not_configured(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """Just created, without credentials, so that it cannot be started."""
    return _job(job_id, template_id, "NotConfigured", schedule="Disabled")


def not_run(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """Set up, and never started."""
    return _job(job_id, template_id, "NotRun", schedule="Disabled")


def first_cycle(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """Started for the first time. It runs, and its first cycle has not ended."""
    return _job(job_id, template_id, "NotRun", lastExecution=no_execution())


def active(job_id: str, *, template_id: str = "scim", state: str = "Succeeded", **counts: int) -> SynchronizationJob:
    """Running. The last execution ended ten minutes ago in `state`, with counts by Graph's names (countExported)."""
    now = datetime.now(UTC)
    status = _ran(now - timedelta(minutes=10))
    if state != "Succeeded" or counts:
        status["lastExecution"] = execution(state, now - timedelta(minutes=10), counts=counts)
    return _job(job_id, template_id, "Active", **status)


def _quarantine(reason: str, began: datetime, last: datetime) -> dict[str, Any]:
    return {
        "reason": reason,
        "seriesBegan": graph_time(began),
        "currentBegan": graph_time(last),
        "nextAttempt": NO_DATE,
        "seriesCount": 6,
    }


def _ran(moment: datetime) -> dict[str, Any]:
    """The status of a job whose last run succeeded at `moment`. Its first cycle ended a month before."""
    ran = execution("Succeeded", moment)
    return {
        "lastExecution": ran,
        "lastSuccessfulExecution": dict(ran),
        "steadyStateFirstAchievedTime": graph_time(moment - timedelta(days=30)),
        "steadyStateLastAchievedTime": graph_time(moment),
        "synchronizedEntryCountByType": [{"key": "group to Group", "value": 33}, {"key": "user to User", "value": 412}],
        "troubleshootingUrl": "",
    }


def _job(job_id: str, template_id: str, code: str, *, schedule: str = "Active", **status: Any) -> SynchronizationJob:
    return complete(
        {
            "id": job_id,
            "templateId": template_id,
            "schedule": {"state": schedule},
            "status": {"code": code, **status},
            "synchronizationJobSettings": [{"name": "QuarantineTooManyDeletesThreshold", "value": "500"}],
        }
    )
