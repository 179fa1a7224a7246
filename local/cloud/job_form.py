"""The JSON of a synchronizationJob: its times, its executions, and the properties that every job has.

Sources: Microsoft Graph reference, "synchronizationJob", "synchronizationStatus", "synchronizationTaskExecution",
"synchronizationProgress"; answers of real tenants in Microsoft's own tutorials.
"""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

NO_DATE: Final = "0001-01-01T00:00:00Z"
_COUNTS: Final = (
    "countEntitled",
    "countEntitledForProvisioning",
    "countEscrowed",
    "countEscrowedRaw",
    "countExported",
    "countExports",
    "countImported",
    "countImportedDeltas",
    "countImportedReferenceDeltas",
)
_NEVER_STARTED: Final = frozenset({"Paused", "NotConfigured"})


def graph_time(moment: datetime) -> str:
    """A time as Graph writes it: UTC, with seven decimal places."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}0Z"


def call_time(moment: datetime) -> str:
    """A time as /_sim writes it: UTC, in microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def execution(
    state: str, moment: datetime, *, error: Mapping[str, Any] | None = None, counts: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """A synchronizationTaskExecution that ran at `moment`. `counts` has Graph's names; those left out are 0."""
    return {
        "activityIdentifier": str(uuid.uuid4()),
        **dict.fromkeys(_COUNTS, 0),
        **(counts or {}),
        "state": state,
        "error": None if error is None else dict(error),
        "timeBegan": graph_time(moment),
        "timeEnded": graph_time(moment),
    }


def no_execution() -> dict[str, Any]:
    """The last execution that Graph shows during the first one: Failed, without an error and without dates."""
    nothing = {"code": "None", "message": "", "tenantActionable": False}
    return execution("Failed", datetime.now(UTC), error=nothing) | {"timeBegan": NO_DATE, "timeEnded": NO_DATE}


def progress(moment: datetime, *, done: int, of: int, units: str) -> dict[str, Any]:
    """A synchronizationProgress: how far a cycle is."""
    return {
        "completedUnits": done,
        "progressObservationDateTime": graph_time(moment),
        "totalUnits": of,
        "units": units,
    }


def complete(job: Mapping[str, Any]) -> dict[str, Any]:
    """The job with every property that Graph shows. Those left out are as in a job that has never run.

    Raises ValueError if status.code is missing, or if the status or the schedule is not an object.
    """
    status, schedule = job.get("status"), job.get("schedule", {})
    if not isinstance(status, dict) or not isinstance(status.get("code"), str):
        raise ValueError("a synchronizationJob has a status.code")  # noqa: TRY004 - callers handle only ValueError
    if not isinstance(schedule, dict):
        raise ValueError("schedule of a synchronizationJob is an object")  # noqa: TRY004 - as above
    state = "Disabled" if status["code"] in _NEVER_STARTED else "Active"
    return {
        **job,
        "schedule": {"expiration": None, "interval": "PT40M", "state": state} | schedule,
        "status": {
            "countSuccessiveCompleteFailures": 0,
            "escrowsPruned": False,
            "lastExecution": None,
            "lastSuccessfulExecution": None,
            "lastSuccessfulExecutionWithExports": None,
            "progress": [],
            "quarantine": None,
            "steadyStateFirstAchievedTime": NO_DATE,
            "steadyStateLastAchievedTime": NO_DATE,
            "synchronizedEntryCountByType": [],
            "troubleshootingUrl": None,
        }
        | status,
    }


def quarantined_now(job: Any) -> Any:
    """The job with a quarantine that begins now, if its quarantine has no dates of its own.

    A job that is set up a second time is therefore in a second quarantine, as after a start in between.
    """
    status = _object(_object(job).get("status"))
    if status.get("code") != "Quarantine" or not isinstance(status.get("quarantine", {}), dict):
        return job
    now = graph_time(datetime.now(UTC))
    began = {
        "reason": "EncounteredQuarantineException",
        "seriesBegan": now,
        "currentBegan": now,
        "nextAttempt": NO_DATE,
        "seriesCount": 1,
    }
    return {**job, "status": {**status, "quarantine": began | status.get("quarantine", {})}}


def runs(job: Mapping[str, Any]) -> bool:
    """Whether it runs: Active, or NotRun with its schedule on, which is a first cycle that has not ended."""
    code = _object(job.get("status")).get("code")
    return code == "Active" or (code == "NotRun" and _object(job.get("schedule")).get("state") == "Active")


def had_a_cycle(job: Mapping[str, Any]) -> bool:
    """Whether its first cycle has ended."""
    status = _object(job.get("status"))
    success = _object(status.get("lastSuccessfulExecution"))
    return _is_date(status.get("steadyStateFirstAchievedTime")) or _is_date(success.get("timeEnded"))


def series_began(job: Mapping[str, Any]) -> str | None:
    """When the quarantine that it shows began. This identifies the quarantine."""
    return _object(_object(job.get("status")).get("quarantine")).get("seriesBegan") or None


def _is_date(value: object) -> bool:
    return isinstance(value, str) and value not in ("", NO_DATE)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
