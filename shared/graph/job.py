"""A synchronizationJob as Microsoft Graph returns it, read tolerantly.

Source: Microsoft Graph reference, "synchronizationJob", "synchronizationStatus", "synchronizationQuarantine"
and "synchronizationTaskExecution" resource types. Real answers differ from it: "no date" is null, an empty string or
0001-01-01T00:00:00Z, and `quarantine` may be null, absent, or an object of empty strings in a Paused job.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from shared.job_code import JobCode
from shared.text import shorten


class JobError(NamedTuple):
    """A synchronizationError: Graph's code and its text."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Why and since when a job is in quarantine. Times are Graph's own texts; None where it gave no date."""

    reason: str | None
    series_began: str | None
    """Names the episode: it stays the same until the quarantine lifts."""
    current_began: str | None
    next_attempt: str | None
    series_count: int | None
    error: JobError | None

    def to_json(self, longest: int) -> dict[str, Any]:
        """The object in Graph's form; what is not known is absent, and an error's texts are cut to `longest`."""
        error = self.error
        fields = {
            "reason": self.reason,
            "seriesBegan": self.series_began,
            "currentBegan": self.current_began,
            "nextAttempt": self.next_attempt,
            "seriesCount": self.series_count,
            "error": None
            if error is None
            else {"code": shorten(error.code, longest), "message": shorten(error.message, longest)},
        }
        return {name: value for name, value in fields.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Execution:
    """A synchronizationTaskExecution: one run of the job."""

    state: str
    """Succeeded, Failed, EntryLevelErrors, or what Graph adds to them."""
    time_began: str | None
    time_ended: str | None

    @property
    def moment(self) -> datetime | None:
        """When the run began, or, where Graph gives no date for that, ended."""
        return parse_time(self.time_began) or parse_time(self.time_ended)

    def to_json(self) -> dict[str, str]:
        """The object in Graph's form; what is not known is absent."""
        fields = {"state": self.state, "timeBegan": self.time_began, "timeEnded": self.time_ended}
        return {name: value for name, value in fields.items() if value}


@dataclass(frozen=True, slots=True)
class SynchronizationJob:
    """What the app needs to know of a job."""

    job_id: str
    template_id: str | None
    code: JobCode | str
    escrows_pruned: bool
    quarantine: Quarantine | None
    """Present only while the code is Quarantine."""
    last_execution: Execution | None = None
    last_successful_execution: Execution | None = None
    """The last run without errors."""

    def without_executions(self) -> SynchronizationJob:
        """The job as the ledger keeps it."""
        return replace(self, last_execution=None, last_successful_execution=None)


def parse_job(value: object) -> SynchronizationJob | None:
    """The job in a JSON value of Graph; None where the value is no job (it has no id)."""
    if not isinstance(value, dict) or not (job_id := _text(value.get("id"))):
        return None
    status = _object(value.get("status"))
    code = parse_code(_text(status.get("code")))
    quarantine = _object(status.get("quarantine"))
    return SynchronizationJob(
        job_id=job_id,
        template_id=_text(value.get("templateId")),
        code=code,
        escrows_pruned=status.get("escrowsPruned") is True,
        quarantine=parse_quarantine(quarantine) if code is JobCode.QUARANTINE else None,
        last_execution=parse_execution(status.get("lastExecution")),
        last_successful_execution=parse_execution(status.get("lastSuccessfulExecution")),
    )


def parse_time(text: str | None) -> datetime | None:
    """The moment that a date of Graph names, which may have seven digits of fraction; None where it names none."""
    try:
        moment = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def parse_code(text: str | None) -> JobCode | str:
    """The status code; a value that is not known is kept."""
    known = {code.lower(): code for code in JobCode}
    return known.get((text or "").lower(), text or "")


def parse_quarantine(value: dict[str, Any]) -> Quarantine:
    """The quarantine in a JSON object of Graph."""
    count = value.get("seriesCount")
    return Quarantine(
        reason=_text(value.get("reason")),
        series_began=_date(value.get("seriesBegan")),
        current_began=_date(value.get("currentBegan")),
        next_attempt=_date(value.get("nextAttempt")),
        series_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
        error=_error(_object(value.get("error"))),
    )


def parse_execution(value: object) -> Execution | None:
    """The run in a JSON value of Graph; None where there was none."""
    fields = _object(value)
    execution = Execution(
        state=_text(fields.get("state")) or "",
        time_began=_date(fields.get("timeBegan")),
        time_ended=_date(fields.get("timeEnded")),
    )
    return execution if execution.moment is not None else None


def _error(value: dict[str, Any]) -> JobError | None:
    code, message = _text(value.get("code")), _text(value.get("message"))
    return JobError(code or "", message or "") if code or message else None


def _date(value: object) -> str | None:
    """Graph writes the first day of year 1 where there is no date."""
    text = _text(value)
    return None if text is None or text.startswith("0001-01-01") else text


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
