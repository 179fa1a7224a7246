"""The fate of a start: whether it helped. `shared.recovery` finds it out, and reports it with an event."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.graph.job import parse_code, parse_execution, parse_quarantine
from shared.json_text import known
from shared.outcome import Reason
from shared.text import MAX_TEXT
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.graph.job import Execution, JobError, Quarantine
    from shared.job_code import JobCode


class Fate(NamedTuple):
    """The fate of a start, and the state of its job when it became known."""

    reason: Reason
    started_at: datetime
    seen_at: datetime
    code: JobCode | str | None = None
    """The status code; None if the job could not be read."""
    quarantine: Quarantine | None = None
    """The quarantine that the job is in again."""
    lasted_seconds: int | None = None
    """Seconds from the start to the new quarantine."""
    last_execution: Execution | None = None
    error: str | None = None
    """Why the job could not be read."""

    @property
    def cause(self) -> JobError | None:
        """The error that stopped the job again: that of the quarantine, or else that of the last run."""
        errors = (part.error for part in (self.quarantine, self.last_execution) if part is not None)
        return next((error for error in errors if error is not None), None)

    def to_json(self, longest: int = MAX_TEXT) -> dict[str, Any]:
        """The object in status events."""
        fields = {
            "startedAt": format_time(self.started_at),
            "seenAt": format_time(self.seen_at),
            "lastedSeconds": self.lasted_seconds,
            "quarantine": self.quarantine.to_json(longest) if self.quarantine is not None else None,
            "lastExecution": self.last_execution.to_json(longest) if self.last_execution is not None else None,
            "error": self.error,
        }
        return known(fields)

    def to_note(self, longest: int) -> dict[str, Any]:
        """The object in the ledger until the fate is reported. Texts of errors are cut to `longest` characters."""
        return known({"reason": self.reason, "code": self.code, **self.to_json(longest)})

    def to_short_note(self) -> dict[str, Any]:
        """The object in the ledger of an earlier start: only its reason and when it was seen."""
        return {"reason": self.reason, "seenAt": format_time(self.seen_at)}


def from_note(note: Mapping[str, Any], started_at: datetime) -> Fate:
    """The fate in an object of to_note or to_short_note. Raises ValueError, KeyError or TypeError for any other."""
    code, quarantine = note.get("code"), note.get("quarantine")
    return Fate(
        reason=Reason(note["reason"]),  # type: ignore[call-arg]
        started_at=started_at,
        seen_at=datetime.fromisoformat(note["seenAt"]),
        code=parse_code(code) if code is not None else None,
        quarantine=parse_quarantine(quarantine) if quarantine is not None else None,
        lasted_seconds=note.get("lastedSeconds"),
        last_execution=parse_execution(note.get("lastExecution")),
        error=note.get("error"),
    )
