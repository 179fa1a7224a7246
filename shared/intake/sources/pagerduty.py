"""PagerDuty: v3 webhook subscriptions. The body is fixed: a job's path stands in a title, a note or a custom field.

Source of the shape: PagerDuty developer documentation, "Webhooks Overview".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.signatures import PagerDutySignature
from shared.intake.sources.fields import field, text
from shared.intake.sources.search import read_by_search
from shared.intake.sources.source import Ignored, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that an event names; the end of an incident asks for nothing."""
    event = field(payload.value, "event")
    if not isinstance(event, dict):
        raise InvalidRequest([Fault("/event", "must be an object, as in webhooks of version 3")])
    if text(event, "event_type") == "incident.resolved":
        return Ignored("The incident is resolved.")
    incident = text(event, "data", "incident", "id") or text(event, "data", "id")
    summary = text(event, "data", "title") or text(event, "data", "incident", "summary")
    return read_by_search(payload, payload.requested_by(incident, summary))


def _delivery_id(value: Json, headers: Mapping[str, str]) -> str | None:
    """The event's id, which the signature covers; the header's stays the same for each attempt, too."""
    return text(value, "event", "id") or headers.get("x-webhook-id")


SOURCE = Source("pagerduty", _read, _delivery_id, PagerDutySignature())
