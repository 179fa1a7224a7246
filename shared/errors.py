"""Every exception that the app raises on purpose.

    AppError
    ├── TransientError          the same work may succeed later: raise it, and the queue delivers again
    │   ├── GraphUnavailable    no answer, or one that asks to come back (408, 409, 429, 5xx)
    │   ├── TokenUnavailable    the identity service gave no token
    │   ├── LedgerUnavailable   the ledger's table gave no answer, or refused
    │   ├── StatusUnavailable   the table of status events gave no answer, or refused
    │   ├── JobBusy             another worker works on the job, or has just changed its entry
    │   ├── StartUnanswered     a start may have had its effect, which does not show yet
    │   ├── TargetUnavailable   a target of notices gave no answer, or asked to come back
    │   ├── QueueUnavailable    a queue took no message
    │   ├── ServiceAway         a service is known to be away: it was not called
    │   └── InvalidSettings     settings that the work needs are wrong; carries every fault by name
    └── PermanentError          trying again gives the same answer: it becomes a status event
        ├── GraphRefused        an answer that no repetition changes (other 4xx); carries the reason
        ├── UnreadableMessage   the bytes are no message
        ├── InvalidRequest      a message, but not a start request; carries every fault and its place
        │   └── NoJobReference  it is in order but for one thing: it names no job
        ├── InvalidSignature    a webhook that none of its source's secrets signed; answered 401
        └── TargetRefused       a target of notices refused, this notice or all of them

Transient or permanent is the first branch, and nothing else decides whether to try again.
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
    """Microsoft Graph did not answer, or asked to come back later.

    `retry_after` is Graph's Retry-After in seconds, if it sent one. `may_have_worked` is true where the
    request reached Graph and the answer says nothing about its effect (a lost connection, a 5xx). `throttled` is true
    where Graph said that it gets too many calls, `one_resource` where the answer is about what was asked for alone.
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
    identity endpoint with one exception type. So this is always tried again.
    """


class LedgerUnavailable(TransientError):
    """The ledger's table gave no answer, or refused.

    A missing role looks like one that was granted a minute ago, and nothing is started without the ledger: so this
    is always tried again.
    """


class StatusUnavailable(TransientError):
    """The table of status events, which people ask for, gave no answer, or refused: nothing waits for it."""


class JobBusy(TransientError):
    """Another worker works on the job, or has changed its entry since it was read.

    `until` is when its lease on the job ends, where it has one.
    """

    def __init__(self, detail: str, *, until: datetime | None = None) -> None:
        super().__init__(detail)
        self.until = until


class QueueUnavailable(TransientError):
    """The start-requests queue did not take a request that has to wait, or was not to be looked at."""


class ServiceAway(TransientError):
    """A service is known to be away, so it was not called; `until` is when it may be, in seconds since 1970."""

    def __init__(self, service: str, cause: str, *, until: float) -> None:
        # Another instance may have told the cause with a time of its own.
        cause = cause.partition(f" ({service} is not called before")[0]
        super().__init__(f"{cause} ({service} is not called before {datetime.fromtimestamp(until, UTC):%H:%M:%S})")
        self.service = service
        self.cause = cause
        self.until = until


class StartUnanswered(TransientError):
    """A start of the job was sent, or was about to be, and nobody saw its answer: its effect has until then to show."""

    def __init__(self, detail: str, *, until: datetime) -> None:
        super().__init__(detail)
        self.until = until


class TargetUnavailable(TransientError):
    """A target of notices did not answer, or asked to come back later.

    `retry_after` and `may_have_worked` are as in GraphUnavailable.
    """

    def __init__(self, detail: str, *, retry_after: float | None = None, may_have_worked: bool = False) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.may_have_worked = may_have_worked


class SettingFault(NamedTuple):
    """One thing that is wrong with the app's settings: a sentence for people, which shows no secret."""

    settings: tuple[str, ...]
    """The names of the settings that do not count because of it."""
    text: str
    """Begins with the name of a setting."""

    def __str__(self) -> str:
        return self.text


class InvalidSettings(TransientError):
    """Settings that the work needs are wrong: it can be done as soon as somebody has corrected them."""

    def __init__(self, faults: Iterable[SettingFault | str]) -> None:
        self.faults = tuple(map(str, faults))
        super().__init__("; ".join(self.faults))


class PermanentError(AppError):
    """Trying again would give the same answer."""


class GraphRefused(PermanentError):
    """Microsoft Graph refused, for a reason that no repetition changes.

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
    """The bytes are no message: neither JSON nor a Graph path, plain or base64."""


class Fault(NamedTuple):
    """One thing that is wrong with a request, and where: `pointer` is a JSON Pointer (RFC 6901), "" the whole of it."""

    pointer: str
    detail: str

    def __str__(self) -> str:
        return f"{self.pointer}: {self.detail}" if self.pointer else self.detail


MAX_FAULTS = 100
"""How many faults are made of one body: more help nobody, and a body can hold a hundred thousand."""


class Faults:
    """What is wrong with a body: the first MAX_FAULTS faults, and how many there are."""

    def __init__(self, room: int = MAX_FAULTS) -> None:
        self.room = room
        """How many more faults are made; the others are only counted."""
        self.count = 0
        self.made: list[Fault] = []

    def __bool__(self) -> bool:
        return self.count > 0

    def add(self, pointer: str, detail: str) -> None:
        """Add a fault. Whoever makes many asks for `room` before it writes their texts."""
        self.count += 1
        if self.room > 0:
            self.room -= 1
            self.made.append(Fault(pointer, detail))

    def extend(self, error: InvalidRequest) -> None:
        """Add the faults of a part."""
        for fault in error.faults:
            self.add(*fault)
        self.count += error.count - len(error.faults)


class InvalidRequest(PermanentError):
    """The message is readable, but no start request. `count` says how many faults there are beyond those listed."""

    def __init__(self, faults: Iterable[Fault], count: int | None = None) -> None:
        self.faults = tuple(faults)
        self.count = len(self.faults) if count is None else count
        super().__init__("; ".join(map(str, self.faults)))


class NoJobReference(InvalidRequest):
    """A start request that is in order, but names no job: a template whose ticket has nothing in these fields."""


class InvalidSignature(PermanentError):
    """A webhook without a signature that fits; the text says what is wrong, and nothing of a secret."""


class TargetRefused(PermanentError):
    """A target of notices refused for good: this notice, or, where `always` is true, whatever it is sent."""

    def __init__(self, detail: str, *, always: bool = False) -> None:
        super().__init__(detail)
        self.always = always
