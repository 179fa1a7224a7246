"""Anything that signs as the Standard Webhooks specification says.

The specification recommends an envelope {type, timestamp, data}, of which the sender owns the inside; a sender
that is free in what it sends sends the direct form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.intake.signatures import StandardWebhooks
from shared.intake.sources.direct import read_direct
from shared.intake.sources.fields import text
from shared.intake.sources.search import read_by_search
from shared.intake.sources.source import Source, delivery_id_in

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading


def _read(payload: Payload) -> Reading:
    """Start requests in the direct form, or for the jobs that an event names."""
    event = text(payload.value, "type")
    if event is None:
        return read_direct(payload)
    return read_by_search(payload, payload.requested_by(payload.delivery_id, event))


SOURCE = Source("standard-webhooks", _read, delivery_id_in("webhook-id"), StandardWebhooks())
