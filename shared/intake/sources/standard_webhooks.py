"""Any sender that signs according to the Standard Webhooks specification.

The specification recommends an envelope {type, timestamp, data}, whose content the sender chooses. If you can write the
body, the sender can send the direct form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.intake.signatures import StandardWebhooks
from shared.intake.sources.direct import asked_by, is_direct, read_direct
from shared.intake.sources.fields import label
from shared.intake.sources.search import OWN_WORDS, read_by_search
from shared.intake.sources.source import Ignored, NoReference, Source, delivery_id_in

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json


def _read(payload: Payload) -> Reading:
    """Start requests in the direct form, or for the jobs that an event names."""
    event = label(payload.value, "type")
    if event is None and is_direct(payload.value):
        return read_direct(payload)
    requested_by = payload.requested_by(payload.delivery_id, event)
    reading = read_by_search(payload, requested_by)
    # An event with a type may be about something else. A body without one was meant as a request.
    is_request = event is None and isinstance(reading, Ignored) and reading is not OWN_WORDS
    return NoReference(requested_by) if is_request else reading


def _asked_by(value: Json) -> tuple[str | None, str | None]:
    return asked_by(value) if is_direct(value) else (label(value, "id"), label(value, "type"))


def _knows(value: Json) -> bool:
    return is_direct(value) or label(value, "type") is not None


SOURCE = Source("standard-webhooks", _read, delivery_id_in("webhook-id"), _asked_by, _knows, StandardWebhooks())
