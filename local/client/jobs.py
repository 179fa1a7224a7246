"""Synchronization jobs as Graph shows them, in the states that a job can be in: for the demo and the tests.

The odd parts are Graph's: a date that is none is 0001-01-01 or an empty string, a Paused job may carry a quarantine
of empty strings, and a new job is Paused with its schedule Disabled.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from local.cloud.graph_form import NO_DATE, execution, graph_time

type SynchronizationJob = dict[str, Any]

_CREDENTIALS: Final = {
    "code": "SystemForCrossDomainIdentityManagementCredentialValidationUnavailable",
    "message": "The application did not accept the credentials that are saved for provisioning.",
    "tenantActionable": True,
}
_DELETES: Final = {
    "code": "TooManyDeletes",
    "message": "More accounts are about to be deleted than the threshold of this job allows.",
    "tenantActionable": True,
}


def quarantined(
    job_id: str, *, template_id: str = "scim", reason: str = "EncounteredQuarantineException", hours: float = 9
) -> SynchronizationJob:
    """In quarantine for some hours."""
    began = datetime.now(UTC) - timedelta(hours=hours)
    last = began + timedelta(hours=hours * 0.9)
    error = _DELETES if reason == "TooManyDeletes" else _CREDENTIALS
    quarantine = {
        "reason": reason,
        "seriesBegan": graph_time(began),
        "currentBegan": graph_time(last),
        "nextAttempt": NO_DATE,
        "seriesCount": 6,
        "error": error,
    }
    ran = execution("Failed", last, error=error)
    return _job(job_id, template_id, "Quarantine", quarantine=quarantine, lastExecution=ran)


def paused(job_id: str, *, template_id: str = "scim", escrows_pruned: bool = False) -> SynchronizationJob:
    """Paused by a person, or, where escrows were pruned, by a first cycle with too many errors."""
    nothing = {"currentBegan": "", "nextAttempt": "", "reason": "", "seriesBegan": "", "seriesCount": 0}
    status = {"escrowsPruned": escrows_pruned, "quarantine": nothing}
    return _job(job_id, template_id, "Paused", schedule="Disabled", **status)


def created(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """Just created: Paused, and never started."""
    return _job(job_id, template_id, "Paused", schedule="Disabled")


def not_run(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """Set up, and never started."""
    return _job(job_id, template_id, "NotRun", schedule="Disabled")


def active(job_id: str, *, template_id: str = "scim") -> SynchronizationJob:
    """At work; the last execution succeeded ten minutes ago."""
    ran = execution("Succeeded", datetime.now(UTC) - timedelta(minutes=10))
    return _job(job_id, template_id, "Active", lastExecution=ran, lastSuccessfulExecution=ran)


def _job(job_id: str, template_id: str, code: str, *, schedule: str = "Active", **status: Any) -> SynchronizationJob:
    return {
        "id": job_id,
        "templateId": template_id,
        "schedule": {"expiration": None, "interval": "PT40M", "state": schedule},
        "status": {
            "countSuccessiveCompleteFailures": 0,
            "escrowsPruned": False,
            "code": code,
            "lastExecution": None,
            "lastSuccessfulExecution": None,
            "lastSuccessfulExecutionWithExports": None,
            "progress": [],
            "quarantine": None,
            "steadyStateFirstAchievedTime": NO_DATE,
            "steadyStateLastAchievedTime": NO_DATE,
            "synchronizedEntryCountByType": [],
            "troubleshootingUrl": None,
            **status,
        },
        "synchronizationJobSettings": [{"name": "QuarantineTooManyDeletesThreshold", "value": "500"}],
    }
