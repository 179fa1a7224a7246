"""How the work on a request ended, before it is put into words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob
    from shared.job_code import JobCode
    from shared.ledger.entry import Start
    from shared.outcome import Reason
    from shared.recovery.fate import Recovery
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest


class CheckResult(StrEnum):
    """What the saved credentials of a job were found to be."""

    VALID = "valid"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    """It could not be found out."""


class CredentialCheck(NamedTuple):
    """The result of trying the saved credentials, and Graph's error where they were not found valid."""

    result: CheckResult
    detail: str | None = None

    def to_json(self) -> dict[str, str]:
        """The object in status events."""
        return {"result": self.result} if self.detail is None else {"result": self.result, "detail": self.detail}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A reason, and the facts that a person needs to understand it."""

    reason: Reason
    job: JobReference | None = None
    """Which job, with its object id where that was found out; None where the request alone says it."""
    before: SynchronizationJob | None = None
    """The job as it was read first."""
    code_after: JobCode | str | None = None
    """The status code that was read after the start."""
    error: str | None = None
    """What exactly was wrong: faults, or the error that Graph gave."""
    operation: str | None = None
    """The call that Graph refused."""
    queued: tuple[StartRequest, ...] = ()
    """The requests that a request without job id was turned into."""
    codes: tuple[str, ...] = ()
    """The status codes of all jobs of a service principal, where none was to start."""
    starts: tuple[Start, ...] = ()
    """The earlier starts that speak against one more."""
    credential_check: CredentialCheck | None = None
    """What the saved credentials were found to be, where they were tried."""
    recovery: Recovery | None = None
    """What became of the job after its start."""
