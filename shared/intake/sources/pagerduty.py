"""PagerDuty: v3 webhook subscriptions. The body is fixed: a job's path is in a title, a note or a custom field.

Source of the shape: PagerDuty developer documentation, "Webhooks Overview".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.signatures import PagerDutySignature
from shared.intake.sources.fields import field, label, text
from shared.intake.sources.search import OWN_WORDS, has_mark, read_by_search
from shared.intake.sources.source import Ignored, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json

_LIMITS = frozenset({255, 256, 1024, 25000})
"""Longest texts of an incident and of a note, in characters."""


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that an event names. The end of an incident asks for nothing."""
    event = field(payload.value, "event")
    if not isinstance(event, dict):
        raise InvalidRequest([Fault("/event", "must be an object, as in webhooks of version 3")])
    if text(event, "event_type") == "incident.resolved":
        return Ignored("The incident is resolved.")
    # What is new in this event: the title of an incident, or the text of a note or status update.
    if any(has_mark(field(event, "data", name)) for name in ("content", "message", "title")):
        return OWN_WORDS
    return read_by_search(payload, payload.requested_by(*_asked_by(payload.value)), limits=_LIMITS)


def _asked_by(value: Json) -> tuple[str | None, str | None]:
    event = field(value, "event")
    incident = label(event, "data", "incident", "id") or label(event, "data", "id")
    return incident, label(event, "data", "title") or label(event, "data", "incident", "summary")


def _knows(value: Json) -> bool:
    return isinstance(field(value, "event"), dict)


def _delivery_id(value: Json, headers: Mapping[str, str]) -> str | None:
    """The event's id, which the signature covers, or else the header's. Both are the same for each attempt."""
    return text(value, "event", "id") or headers.get("x-webhook-id")


SOURCE = Source("pagerduty", _read, _delivery_id, _asked_by, _knows, PagerDutySignature())
