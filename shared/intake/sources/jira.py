"""Jira: webhooks of an administrator. The body is fixed: a job's path is in the issue or in a comment.

Source of the shape: Atlassian, "Webhooks" (Jira Cloud platform).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.signatures import HubSignature
from shared.intake.sources.fields import field, items, label, text
from shared.intake.sources.search import OWN_WORDS, has_mark, read_by_search
from shared.intake.sources.source import Ignored, Source, delivery_id_in

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json

_LIMITS = frozenset({255, 32767})
"""Longest summary and longest description or comment, in characters."""


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that an event names. An event about a deletion asks for nothing."""
    event = text(payload.value, "webhookEvent")
    if event is None:
        detail = "must name the event; rules of Jira Automation send to /api/start-requests/jira-automation"
        raise InvalidRequest([Fault("/webhookEvent", detail)])
    if event.endswith("_deleted"):
        return Ignored("The event is about something deleted.")
    comment = field(payload.value, "comment")
    written = [comment, *(field(item, "toString") for item in items(payload.value, "changelog", "items"))]
    by_app = "app" in (text(comment, who, "accountType") for who in ("author", "updateAuthor"))
    if by_app or any(map(has_mark, written)):
        return OWN_WORDS
    return read_by_search(payload, payload.requested_by(*_asked_by(payload.value)), limits=_LIMITS)


def _asked_by(value: Json) -> tuple[str | None, str | None]:
    return label(value, "issue", "key"), label(value, "issue", "fields", "summary")


def _knows(value: Json) -> bool:
    return text(value, "webhookEvent") is not None


SOURCE = Source("jira", _read, delivery_id_in("x-atlassian-webhook-identifier"), _asked_by, _knows, HubSignature())
