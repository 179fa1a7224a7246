"""What became of a job after its start: `shared.recovery` finds it out, and an event tells it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.json_text import known
from shared.request.start_request import format_time
from shared.text import MAX_TEXT

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.job import Execution, JobError, Quarantine
    from shared.job_code import JobCode
    from shared.outcome import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """The fate of a start, and what was seen of its job."""

    reason: Reason
    started_at: datetime
    seen_at: datetime
    code: JobCode | str | None = None
    """The status code; None where the job could not be read."""
    quarantine: Quarantine | None = None
    """The quarantine that the job is in again."""
    lasted_seconds: int | None = None
    """How long after the start the new quarantine began."""
    last_execution: Execution | None = None
    error: str | None = None
    """Why the job could not be read."""

    @property
    def cause(self) -> JobError | None:
        """The error that the job stopped for again: the quarantine's, or else the last run's."""
        errors = (part.error for part in (self.quarantine, self.last_execution) if part is not None)
        return next((error for error in errors if error is not None), None)

    def to_json(self) -> dict[str, Any]:
        """The object in status events."""
        fields = {
            "startedAt": format_time(self.started_at),
            "seenAt": format_time(self.seen_at),
            "lastedSeconds": self.lasted_seconds,
            "quarantine": self.quarantine.to_json(MAX_TEXT) if self.quarantine is not None else None,
            "lastExecution": self.last_execution.to_json(MAX_TEXT) if self.last_execution is not None else None,
            "error": self.error,
        }
        return known(fields)
