"""The result of the work on a request. `shared.event` makes a status event of it."""

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
    """How often and since when a request was tried, and until when it is retried."""

    since: datetime
    tries: int
    until: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """The object in status events."""
        until = {} if self.until is None else {"until": format_time(self.until)}
        return {"since": format_time(self.since), **until, "tries": self.tries}


class Ending(NamedTuple):
    """A reason, and the facts that people need to understand it."""

    reason: Reason
    job: JobReference | None = None
    """The job, with its object id if that was resolved; None if the request's own reference is enough."""
    before: SynchronizationJob | None = None
    """The job before the start."""
    code_after: JobCode | str | None = None
    """The job's status code after the start."""
    error: str | None = None
    """Details of what is wrong: the faults of the request, or Graph's error."""
    operation: str | None = None
    """The call that Graph refused."""
    queued: tuple[StartRequest, ...] = ()
    """The requests that a request without a job id was turned into."""
    left: tuple[LeftJob, ...] = ()
    """The jobs that a request without a job id leaves out."""
    starts: tuple[Start, ...] = ()
    """The earlier starts because of which the job is not started again."""
    credential_check: CredentialCheck | None = None
    """The result of the credential check, if there was one."""
    fate: Fate | None = None
    """Whether the start helped."""
    waited: Waited | None = None
    """How long the request has waited, if it waits or was given up."""
    by_host: bool = False
    """Whether the host gave up the request, because its invocations failed too often."""
    may_have_started: bool = False
    """Whether a start was sent whose answer was lost."""


def ending_of(start: Start) -> Ending:
    """The ending of a request whose start Graph accepted. Raises ValueError if the start's effect is not known."""
    if start.reason is None:  # The state is Starting.
        raise ValueError("the effect of this start is not known")
    return Ending(
        reason=start.reason,
        before=start.before,
        code_after=start.code_after,
        credential_check=start.credential_check,
    )
