"""The message of a request that waits: the request as it was sent, and how often and since when it was tried.

    {"request": {"requestId": …, …}, "waiting": {"version": 1, "since": …, "tries": 3, "told": false, …}}

The app itself sends it to start-requests, hidden until the next try (schemas/waiting-request.schema.json). Unknown
fields of `waiting` are ignored, and fields of a wrong type count as absent. So requests survive an upgrade and a
rollback.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import UnreadableMessage
from shared.json_text import parse_json, write_json
from shared.request.message import decode, encode
from shared.text import shorten
from shared.time_text import format_time, parse_time
from shared.waiting.gate import Away, ServiceSeen

if TYPE_CHECKING:
    from shared.json_text import Json
    from shared.request.start_request import StartRequest

VERSION = 1

MAX_ERROR = 500
"""The most characters of an error in a message."""

MAX_FAILURES = 1_000_000


class Refusal(NamedTuple):
    """The reason for which Graph refuses the request, and since when it has been the same."""

    reason: str
    since: datetime


class Waiting(NamedTuple):
    """How a request has waited so far."""

    since: datetime
    """When it was first tried."""
    tries: int = 0
    told: bool = False
    """Whether its delayed event was sent."""
    error: str = ""
    """The error of the last try."""
    at: datetime | None = None
    """The time of the last try."""
    visible: datetime | None = None
    """When the message becomes visible."""
    message_id: str | None = None
    """The queue's id of the message that first had the request."""
    service: ServiceSeen | None = None
    """The service that was down at the last try."""
    refusal: Refusal | None = None

    def to_json(self) -> dict[str, Json]:
        """The object in the message. Unknown fields are absent."""
        fields: dict[str, Json] = {
            "version": VERSION,
            "since": format_time(self.since),
            "tries": self.tries,
            "told": self.told,
            "error": shorten(self.error, MAX_ERROR),
            "at": format_time(self.at) if self.at is not None else None,
            "visible": format_time(self.visible) if self.visible is not None else None,
            "messageId": self.message_id,
        }
        if self.service is not None:
            name, away = self.service
            fields["service"] = {
                "name": name,
                "until": format_time(datetime.fromtimestamp(away.until, UTC)),
                "since": format_time(datetime.fromtimestamp(away.since, UTC)),
                "failures": away.failures,
            }
        if self.refusal is not None:
            fields["refusal"] = {"reason": self.refusal.reason, "since": format_time(self.refusal.since)}
        return {name: value for name, value in fields.items() if value is not None}


class WaitingMessage(NamedTuple):
    """A message of a request that waits: the body of the request, and how it has waited."""

    body: bytes
    waiting: Waiting


def to_message(request: StartRequest, waiting: Waiting) -> str:
    """The text of the queue message."""
    content = {"request": request.to_json(), "waiting": waiting.to_json()}
    try:
        return encode(write_json(content))
    except ValueError:
        # The message is too large. The request always fits without the error, and matters more.
        return encode(write_json({**content, "waiting": waiting._replace(error="").to_json()}))


def read_waiting(body: bytes, now: datetime) -> WaitingMessage | None:
    """The message of a request that waits; None for any other message. `now` replaces a missing `since`."""
    if len(body) == 0:
        return None
    try:
        content = parse_json(decode(body))
    except (UnreadableMessage, ValueError):
        return None
    if not isinstance(content, dict) or content.keys() != {"request", "waiting"}:
        return None
    waiting = _Fields(content["waiting"])
    return WaitingMessage(
        write_json(content["request"]).encode(),
        Waiting(
            since=min(waiting.time("since") or now, now),
            tries=waiting.count("tries"),
            told=waiting.flag("told"),
            error=waiting.text("error") or "",
            at=waiting.time("at"),
            visible=waiting.time("visible"),
            message_id=waiting.text("messageId"),
            service=_service(waiting),
            refusal=_refusal(waiting),
        ),
    )


def _service(waiting: _Fields) -> ServiceSeen | None:
    fields = _Fields(waiting.value("service"))
    name, until, since = fields.text("name"), fields.time("until"), fields.time("since")
    if name is None or until is None or since is None:
        return None
    return ServiceSeen(name, Away(until.timestamp(), since.timestamp(), fields.count("failures")))


def _refusal(waiting: _Fields) -> Refusal | None:
    fields = _Fields(waiting.value("refusal"))
    reason, since = fields.text("reason"), fields.time("since")
    return Refusal(reason, since) if reason is not None and since is not None else None


class _Fields:
    """Reads fields of an object. A field of another type counts as absent."""

    def __init__(self, value: Json) -> None:
        self._fields = value if isinstance(value, dict) else {}

    def value(self, name: str) -> Json:
        return self._fields.get(name)

    def text(self, name: str) -> str | None:
        value = self._fields.get(name)
        return value if isinstance(value, str) else None

    def count(self, name: str) -> int:
        value = self._fields.get(name)
        is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_FAILURES
        return value if is_count else 0  # type: ignore[return-value]

    def flag(self, name: str) -> bool:
        return self._fields.get(name) is True

    def time(self, name: str) -> datetime | None:
        return parse_time(self.text(name) or "")
