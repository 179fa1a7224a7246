"""How the work on a request ended, before it is put into words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from shared.time_text import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.job_code import JobCode
    from shared.ledger.entry import Start
    from shared.ledger.expansion import LeftJob
    from shared.ledger.fate import Fate
    from shared.outcome import Reason
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest


class Waited(NamedTuple):
    """How often and since when a request was tried, and until when it is tried again."""

    since: datetime
    tries: int
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The object in status events."""
        until = {} if self.until is None else {"until": format_time(self.until)}
        return {"since": format_time(self.since), **until, "tries": self.tries}


class Ending(NamedTuple):
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
    left: tuple[LeftJob, ...] = ()
    """The jobs that a request without job id leaves."""
    starts: tuple[Start, ...] = ()
    """The earlier starts that speak against one more."""
    credential_check: CredentialCheck | None = None
    """What the saved credentials were found to be, where they were tried."""
    fate: Fate | None = None
    """What became of the job after its start."""
    waited: Waited | None = None
    """How the request has waited, where it waits, or was given up."""
    by_host: bool = False
    """Whether the host gave the request up: its work did not end, time after time."""
    may_have_started: bool = False
    """Whether a start was sent whose answer nobody saw."""


def ending_of(start: Start) -> Ending:
    """How the work on a request ended whose start Graph accepted. Raises ValueError where that is not known."""
    if start.reason is None:  # its state is Starting
        raise ValueError("the effect of this start is not known")
    return Ending(
        reason=start.reason,
        before=start.before,
        code_after=start.code_after,
        credential_check=start.credential_check,
    )
