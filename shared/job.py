"""A synchronizationJob as Microsoft Graph returns it, read tolerantly.

Source of the shape: Microsoft Graph reference, "synchronizationJob", "synchronizationStatus" and
"synchronizationQuarantine" resource types. Real answers differ from it: "no date" is null, an empty string or
0001-01-01T00:00:00Z, and `quarantine` may be null, absent, or an object of empty strings in a Paused job.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class JobCode(StrEnum):
    """The known values of status.code. Graph's enumerations grow: other values are kept as they are."""

    NOT_CONFIGURED = "NotConfigured"
    NOT_RUN = "NotRun"
    ACTIVE = "Active"
    PAUSED = "Paused"
    QUARANTINE = "Quarantine"


@dataclass(frozen=True, slots=True)
class JobError:
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


@dataclass(frozen=True, slots=True)
class SynchronizationJob:
    """What the app needs to know of a job."""

    job_id: str
    template_id: str | None
    code: JobCode | str
    escrows_pruned: bool
    quarantine: Quarantine | None
    """Present only while the code is Quarantine."""


def parse_job(value: object) -> SynchronizationJob | None:
    """The job in a JSON value of Graph; None where the value is no job (it has no id)."""
    if not isinstance(value, dict) or not (job_id := _text(value.get("id"))):
        return None
    status = _object(value.get("status"))
    code = _code(_text(status.get("code")))
    quarantine = _object(status.get("quarantine"))
    return SynchronizationJob(
        job_id=job_id,
        template_id=_text(value.get("templateId")),
        code=code,
        escrows_pruned=status.get("escrowsPruned") is True,
        quarantine=_quarantine(quarantine) if code is JobCode.QUARANTINE else None,
    )


def _code(text: str | None) -> JobCode | str:
    known = {code.lower(): code for code in JobCode}
    return known.get((text or "").lower(), text or "")


def _quarantine(value: dict[str, Any]) -> Quarantine:
    count = value.get("seriesCount")
    return Quarantine(
        reason=_text(value.get("reason")),
        series_began=_date(value.get("seriesBegan")),
        current_began=_date(value.get("currentBegan")),
        next_attempt=_date(value.get("nextAttempt")),
        series_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
        error=_error(_object(value.get("error"))),
    )


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
