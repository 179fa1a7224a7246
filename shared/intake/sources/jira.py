"""Jira: webhooks of an administrator. The body is fixed: a job's path stands in the issue or in a comment.

Source of the shape: Atlassian, "Webhooks" (Jira Cloud platform).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.signatures import HubSignature
from shared.intake.sources.fields import text
from shared.intake.sources.search import read_by_search
from shared.intake.sources.source import Ignored, Source, delivery_id_in

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that an event names; what is deleted asks for nothing."""
    event = text(payload.value, "webhookEvent")
    if event is None:
        detail = "must name the event; rules of Jira Automation send to /api/start-requests/jira-automation"
        raise InvalidRequest([Fault("/webhookEvent", detail)])
    if event.endswith("_deleted"):
        return Ignored("The event is about something deleted.")
    requested_by = payload.requested_by(
        text(payload.value, "issue", "key"), text(payload.value, "issue", "fields", "summary")
    )
    return read_by_search(payload, requested_by)


SOURCE = Source("jira", _read, delivery_id_in("x-atlassian-webhook-identifier"), HubSignature())
