"""Opsgenie: the webhook integration. The body is fixed: the ids are in the alert's details (extra properties).

Source of the shape: Opsgenie documentation, "Webhook Integration".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.sources.fields import field, joined, label, text
from shared.intake.sources.search import OWN_WORDS, has_mark, read_by_search
from shared.intake.sources.source import Ignored, Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json

_ENDS = frozenset({"Close", "Delete"})
_LIMITS = frozenset({130, 512, 1000, 15000, 25000})
"""Longest texts, in characters: message; alias or source; details or description in a payload; description; note."""


def _read(payload: Payload) -> Reading:
    """Start requests for the jobs that an alert names. The end of an alert asks for nothing."""
    alert = field(payload.value, "alert")
    if not isinstance(alert, dict):
        raise InvalidRequest([Fault("/alert", "must be an object")])
    action = text(payload.value, "action")
    if action in _ENDS:
        return Ignored(f"The action is {action}.")
    if has_mark(field(alert, "note")):
        return OWN_WORDS
    return read_by_search(payload, payload.requested_by(*_asked_by(payload.value)), limits=_LIMITS)


def _asked_by(value: Json) -> tuple[str | None, str | None]:
    return label(value, "alert", "alertId"), label(value, "alert", "message")


def _knows(value: Json) -> bool:
    return isinstance(field(value, "alert"), dict)


def _delivery_id(value: Json, _headers: Mapping[str, str]) -> str | None:
    """The alert, what happened to it, and when."""
    alert_id = text(value, "alert", "alertId")
    updated = field(value, "alert", "updatedAt")
    return alert_id and joined(alert_id, text(value, "action"), str(updated) if isinstance(updated, int) else None)


SOURCE = Source("opsgenie", _read, _delivery_id, _asked_by, _knows)
