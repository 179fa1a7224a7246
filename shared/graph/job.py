"""A synchronizationJob as Microsoft Graph returns it, parsed tolerantly.

Source: Microsoft Graph reference, "synchronizationJob", "synchronizationStatus", "synchronizationQuarantine",
"synchronizationTaskExecution", "synchronizationSchedule" and "synchronizationError" resource types.

Real answers differ from the reference:

- A missing date is null, an empty string or 0001-01-01T00:00:00Z.
- A missing error is null, or an error with the code None.
- A missing `quarantine` is null, absent or an object of empty strings. A Paused job may still have that of its last
  quarantine.
- An execution that never took place has neither of its dates.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NamedTuple

from shared.job_code import JobCode
from shared.json_text import known
from shared.request.reference import is_job_id
from shared.text import MAX_TEXT, shorten, whole

MAX_NAME = 200
"""The most characters that are kept of a name, a date or a state. Real ones have 60 at most."""

MAX_COUNT = 2**63
"""Graph's counts are less: they are Int64 in its metadata."""


class JobError(NamedTuple):
    """A synchronizationError: Graph's code and its text."""

    code: str
    message: str
    tenant_actionable: bool | None = None
    """Whether the tenant's administrators can fix it; None if Graph does not say."""

    def __str__(self) -> str:
        return ": ".join(filter(None, (self.code, self.message)))

    def to_json(self, longest: int) -> dict[str, Any]:
        """The object in Graph's form. Texts are cut to `longest` characters."""
        fields = {"code": shorten(self.code, longest), "message": shorten(self.message, longest)}
        return known({**fields, "tenantActionable": self.tenant_actionable})


class Schedule(NamedTuple):
    """A synchronizationSchedule: whether runs are due, and how often (an ISO 8601 duration)."""

    state: str
    """Active, Disabled, or a state that Graph adds later."""
    interval: str | None = None

    @property
    def is_on(self) -> bool:
        """Whether Graph runs the job on schedule."""
        return self.state.lower() == "active"

    @property
    def is_off(self) -> bool:
        """Whether the schedule is disabled. Of an unknown state, neither is_on nor is_off is true."""
        return self.state.lower() == "disabled"

    def to_json(self) -> dict[str, Any]:
        """The object in Graph's form."""
        return known({"state": self.state, "interval": self.interval})


class Quarantine(NamedTuple):
    """Why and since when a job is in quarantine. Times are Graph's own texts; None if it gives no date."""

    reason: str | None
    series_began: str | None
    """When the episode began. It stays the same until the quarantine ends, so it identifies the episode."""
    current_began: str | None
    """When the quarantine was last imposed."""
    next_attempt: str | None
    series_count: int | None
    error: JobError | None

    def to_json(self, longest: int) -> dict[str, Any]:
        """The object in Graph's form, without unknown fields. Texts of errors are cut to `longest` characters."""
        return known(
            {
                "reason": self.reason,
                "seriesBegan": self.series_began,
                "currentBegan": self.current_began,
                "nextAttempt": self.next_attempt,
                "seriesCount": self.series_count,
                "error": None if self.error is None else self.error.to_json(longest),
            }
        )


class Execution(NamedTuple):
    """A synchronizationTaskExecution: one run of the job."""

    state: str
    """Succeeded, Failed, EntryLevelErrors, or a state that Graph adds later."""
    time_began: str | None
    time_ended: str | None
    error: JobError | None = None
    count_exported: int | None = None
    """How many entries were written to the target."""
    count_escrowed: int | None = None
    """How many entries failed and are to be retried."""

    @property
    def moment(self) -> datetime | None:
        """When the run began, or else when it ended; None if Graph gives neither date."""
        return parse_time(self.time_began) or parse_time(self.time_ended)

    def to_json(self, longest: int) -> dict[str, Any]:
        """The object in Graph's form, without unknown fields. Texts of errors are cut to `longest` characters."""
        return known(
            {
                "state": self.state or None,
                "timeBegan": self.time_began,
                "timeEnded": self.time_ended,
                "error": None if self.error is None else self.error.to_json(longest),
                "countExported": self.count_exported,
                "countEscrowed": self.count_escrowed,
            }
        )


class SynchronizationJob(NamedTuple):
    """The fields of a job that the app needs."""

    job_id: str
    template_id: str | None
    code: JobCode | str
    escrows_pruned: bool
    quarantine: Quarantine | None
    """The quarantine, whatever the code is: a Paused job may have one, too. None if Graph gives none."""
    schedule: Schedule | None = None
    last_execution: Execution | None = None
    last_successful_execution: Execution | None = None
    """The last run without errors."""
    successive_complete_failures: int | None = None
    """How many runs in a row have failed."""
    troubleshooting_url: str | None = None

    @property
    def is_running(self) -> bool:
        """Whether the job is Active, or is in its first cycle (NotRun with an active schedule).

        Source: Microsoft Learn, "Configure cross-tenant synchronization using Microsoft Graph".
        """
        return self.code is JobCode.ACTIVE or (
            self.code is JobCode.NOT_RUN and self.schedule is not None and self.schedule.is_on
        )

    @property
    def was_never_enabled(self) -> bool:
        """Whether the job is as Graph creates it: Paused, its schedule disabled, without signs of a run."""
        runs = (self.last_execution, self.last_successful_execution)
        has_run = self.escrows_pruned or any(run is not None for run in runs)
        is_off = self.schedule is not None and self.schedule.is_off
        return self.code is JobCode.PAUSED and is_off and self.quarantine is None and not has_run

    @property
    def cause(self) -> JobError | None:
        """The error that stopped the job: that of the quarantine, or else that of the last run."""
        errors = (part.error for part in (self.quarantine, self.last_execution) if part is not None)
        return next((error for error in errors if error is not None), None)

    def to_json(self, longest: int = MAX_TEXT) -> dict[str, Any]:
        """The object in Graph's form, which parse_job can read. Texts of errors are cut to `longest` characters."""
        last, success, schedule = self.last_execution, self.last_successful_execution, self.schedule
        status = {
            "code": str(self.code),
            "escrowsPruned": self.escrows_pruned or None,
            "quarantine": self.quarantine.to_json(longest) if self.quarantine is not None else None,
            "lastExecution": last.to_json(longest) if last is not None else None,
            "lastSuccessfulExecution": success.to_json(longest) if success is not None else None,
            "countSuccessiveCompleteFailures": self.successive_complete_failures,
            "troubleshootingUrl": self.troubleshooting_url,
        }
        return known(
            {
                "id": self.job_id,
                "templateId": self.template_id,
                "schedule": schedule.to_json() if schedule is not None else None,
                "status": known(status),
            }
        )


def parse_job(value: object) -> SynchronizationJob | None:
    """The job in a JSON value of Graph; None if it has no valid id or no status.

    Texts are cut, so that a job always fits into a ledger entry and an event.
    """
    if not isinstance(value, dict) or not (job_id := _text(value.get("id"))) or not is_job_id(job_id):
        return None
    if not isinstance(value.get("status"), dict):
        return None
    status, schedule = _object(value.get("status")), _object(value.get("schedule"))
    schedule_state = _text(schedule.get("state"))
    return SynchronizationJob(
        job_id=job_id,
        template_id=_text(value.get("templateId")),
        code=parse_code(_text(status.get("code"))),
        escrows_pruned=status.get("escrowsPruned") is True,
        quarantine=parse_quarantine(status.get("quarantine")),
        schedule=Schedule(schedule_state, _text(schedule.get("interval"))) if schedule_state else None,
        last_execution=parse_execution(status.get("lastExecution")),
        last_successful_execution=parse_execution(status.get("lastSuccessfulExecution")),
        successive_complete_failures=_count(status.get("countSuccessiveCompleteFailures")),
        troubleshooting_url=_text(status.get("troubleshootingUrl"), MAX_TEXT),
    )


def parse_time(text: str | None) -> datetime | None:
    """The time in a date of Graph, which may have seven decimal places; None if the text is not a date."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def parse_code(text: str | None) -> JobCode | str:
    """The status code. An unknown value is returned as it is."""
    codes = {code.lower(): code for code in JobCode}
    return codes.get((text or "").lower(), text or "")


def parse_quarantine(value: object) -> Quarantine | None:
    """The quarantine in a JSON value of Graph; None if it is empty, apart from nextAttempt."""
    fields = _object(value)
    quarantine = Quarantine(
        reason=_text(fields.get("reason")),
        series_began=_date(fields.get("seriesBegan")),
        current_began=_date(fields.get("currentBegan")),
        next_attempt=_date(fields.get("nextAttempt")),
        series_count=_count(fields.get("seriesCount")),
        error=_error(fields.get("error")),
    )
    said = (
        quarantine.reason,
        quarantine.series_began,
        quarantine.current_began,
        quarantine.series_count,
        quarantine.error,
    )
    return quarantine if any(said) else None


def parse_execution(value: object) -> Execution | None:
    """The run in a JSON value of Graph; None if there was none."""
    fields = _object(value)
    execution = Execution(
        state=_text(fields.get("state")) or "",
        time_began=_date(fields.get("timeBegan")),
        time_ended=_date(fields.get("timeEnded")),
        error=_error(fields.get("error")),
        count_exported=_count(fields.get("countExported")),
        count_escrowed=_count(fields.get("countEscrowed")),
    )
    return execution if execution.moment is not None or execution.error is not None else None


def _error(value: object) -> JobError | None:
    fields = _object(value)
    code, message = (_text(fields.get(name), MAX_TEXT) for name in ("code", "message"))
    actionable = fields.get("tenantActionable")
    if code is not None and code.lower() == "none":
        code = None
    if not code and not message:
        return None
    return JobError(code or "", message or "", actionable if isinstance(actionable, bool) else None)


def _date(value: object) -> str | None:
    """The text of a date; None for the first day of year 1, which Graph writes if there is no date."""
    text = _text(value)
    return None if text is None or text.startswith("0001-01-01") else text


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < MAX_COUNT else None


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object, longest: int = MAX_NAME) -> str | None:
    return shorten(whole(value), longest) if isinstance(value, str) and value else None
