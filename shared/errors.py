"""Every exception that the app raises on purpose.

    AppError
    ├── TransientError          the same work may succeed later: raise it, and the queue delivers again
    │   ├── GraphUnavailable    no answer, or one that asks to try again later (408, 409, 429, 5xx)
    │   ├── TokenUnavailable    the identity service gave no token
    │   ├── LedgerUnavailable   the ledger's table gave no answer, or refused
    │   ├── StatusUnavailable   the table of status events gave no answer, or refused
    │   ├── JobBusy             another worker is working on the job, or has just changed its entry
    │   ├── StartUnanswered     a start was sent without an answer, and its effect may still show
    │   ├── TargetUnavailable   a target of notices gave no answer, or asked to try again later
    │   ├── QueueUnavailable    a queue did not accept a message, or could not be read
    │   ├── ServiceAway         a service is known to be unavailable, so it was not called
    │   └── InvalidSettings     settings that the work needs are wrong; names every fault
    └── PermanentError          trying again gives the same answer: it becomes a status event
        ├── GraphRefused        an answer that does not change if tried again (other 4xx); has the reason
        ├── UnreadableMessage   the bytes are not a message
        ├── InvalidRequest      a message, but not a start request; has every fault and its place
        │   └── NoJobReference  its only fault is that it names no job
        ├── InvalidSignature    a webhook that no secret of its source signed; answered with 401
        └── TargetRefused       a target of notices refused this notice, or every notice

Only the first branch, transient or permanent, decides whether to try again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.outcome import Reason


class AppError(Exception):
    """The root of the tree."""


class TransientError(AppError):
    """The same work may succeed later."""


class GraphUnavailable(TransientError):
    """Microsoft Graph did not answer, or asked to try again later.

    `retry_after` is Graph's Retry-After in seconds, if it sent one. `may_have_worked` is true if the request reached
    Graph, and the answer says nothing about its effect (a lost connection, a 5xx). `throttled` is true if Graph says
    that it gets too many calls. `one_resource` is true if the answer is only about the resource in the request.
    """

    def __init__(
        self,
        detail: str,
        *,
        retry_after: float | None = None,
        may_have_worked: bool = False,
        throttled: bool = False,
        one_resource: bool = False,
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.may_have_worked = may_have_worked
        self.throttled = throttled
        self.one_resource = one_resource


class TokenUnavailable(TransientError):
    """The identity service gave no token.

    Permanent causes look the same: azure-identity reports an unknown client id and an outage of the
    identity endpoint with one exception type. So the app always tries again.
    """


class LedgerUnavailable(TransientError):
    """The ledger's table gave no answer, or refused.

    A missing role looks like one that was granted a minute ago, and the app starts nothing without the ledger. So it
    always tries again.
    """


class StatusUnavailable(TransientError):
    """The table of status events gave no answer, or refused. No start waits for it."""


class JobBusy(TransientError):
    """Another worker is working on the job, or has changed its entry since it was read.

    `until` is when its lease on the job ends, or None if it has no lease.
    """

    def __init__(self, detail: str, *, until: datetime | None = None) -> None:
        super().__init__(detail)
        self.until = until


class QueueUnavailable(TransientError):
    """A queue did not accept a message, or could not be read."""


class ServiceAway(TransientError):
    """A service is known to be unavailable, so it was not called.

    `until` is when it may be called again, in seconds since 1970.
    """

    def __init__(self, service: str, cause: str, *, until: float) -> None:
        # A cause that another instance found may already end with a time.
        cause = cause.partition(f" ({service} is not called before")[0]
        super().__init__(f"{cause} ({service} is not called before {datetime.fromtimestamp(until, UTC):%H:%M:%S})")
        self.service = service
        self.cause = cause
        self.until = until


class StartUnanswered(TransientError):
    """A start of the job was sent, or was about to be sent, and its answer is not known.

    `until` is when the app stops waiting for its effect to show.
    """

    def __init__(self, detail: str, *, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class TargetUnavailable(TransientError):
    """A target of notices did not answer, or asked to try again later.

    `retry_after` and `may_have_worked` are as in GraphUnavailable.
    """

    def __init__(self, detail: str, *, retry_after: float | None = None, may_have_worked: bool = False) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.may_have_worked = may_have_worked


class SettingFault(NamedTuple):
    """One fault in the app's settings, as a sentence that shows no secret."""

    settings: tuple[str, ...]
    """The names of the settings that are ignored because of it."""
    text: str
    """Begins with the name of a setting."""

    def __str__(self) -> str:
        return self.text


class InvalidSettings(TransientError):
    """Settings that the work needs are wrong. The work can be done when they are corrected."""

    def __init__(self, faults: Iterable[SettingFault | str]) -> None:
        self.faults = tuple(map(str, faults))
        super().__init__("; ".join(self.faults))


class PermanentError(AppError):
    """Trying again would give the same answer."""


class GraphRefused(PermanentError):
    """Microsoft Graph refused, for a reason that does not change if tried again.

    `code` and `detail` are the `error.code` and `error.message` of Graph's answer.
    """

    def __init__(self, reason: Reason, *, operation: str, status: int, code: str, detail: str) -> None:
        super().__init__(f"{operation} answered {status} {code}: {detail}".rstrip(": "))
        self.reason = reason
        self.operation = operation
        self.status = status
        self.code = code
        self.detail = detail

    @property
    def summary(self) -> str:
        """Status, code and message in one line."""
        return " ".join(filter(None, (str(self.status), self.code, self.detail)))


class UnreadableMessage(PermanentError):
    """The bytes are not a message: neither JSON nor a Graph path, plain or in base64."""


class Fault(NamedTuple):
    """One fault in a request, and its place: `pointer` is a JSON Pointer (RFC 6901), with "" for the whole request."""

    pointer: str
    detail: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


MAX_FAULTS = 100
"""Most faults that are listed per body. A body can have a hundred thousand, and a longer list helps no reader."""


class Faults:
    """The faults in a body: the first MAX_FAULTS of them, and the number of all."""

    def __init__(self, room: int = MAX_FAULTS) -> None:
        self.room = room
        """How many more faults are kept. Those after them are only counted."""
        self.count = 0
        self.made: list[Fault] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, pointer: str, detail: str) -> None:
        """Add a fault. A caller that may have many checks `room` before it writes their texts."""
        self.count += 1
        if self.room > 0:
            self.room -= 1
            self.made.append(Fault(pointer, detail))

    def extend(self, error: InvalidRequest) -> None:
        """Add the faults of a part of the body."""
        for fault in error.faults:
            self.add(*fault)
        self.count += error.count - len(error.faults)


class InvalidRequest(PermanentError):
    """The message is readable, but not a start request. `count` is the number of all faults, listed or not."""

    def __init__(self, faults: Iterable[Fault], count: int | None = None) -> None:
        self.faults = tuple(faults)
        self.count = len(self.faults) if count is None else count
        super().__init__("; ".join(map(str, self.faults)))


class NoJobReference(InvalidRequest):
    """A start request whose only fault is that it names no job, such as a template for a ticket with empty fields."""


class InvalidSignature(PermanentError):
    """A webhook without a valid signature. The text says what is wrong, and shows no secret."""


class TargetRefused(PermanentError):
    """A target of notices refused this notice for good, or, if `always` is true, every notice."""

    def __init__(self, detail: str, *, always: bool = False) -> None:
        super().__init__(detail)
        self.always = always
