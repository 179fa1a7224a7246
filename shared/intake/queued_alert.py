"""Azure Monitor alerts from the queue, where Event Grid can put them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from shared.errors import InvalidRequest
from shared.intake.sources.azure_monitor import SOURCE
from shared.intake.sources.source import Found, NoReference, Payload
from shared.request.message import InvalidItem, is_alert

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from shared.intake.sources.source import Reading
    from shared.request.start_request import RequestedBy, StartRequest


class Nameless(NamedTuple):
    """An alert that asks for a start, but names no job."""

    request_id: str
    requested_by: RequestedBy
    error: str | None


def alerts_apart(
    items: Iterable[StartRequest | InvalidItem], received: datetime
) -> tuple[list[StartRequest | InvalidItem], list[Nameless]]:
    """The items, with requests in place of alerts, and the alerts that name no job.

    A resolved alert asks for nothing.
    """
    found: list[StartRequest | InvalidItem] = []
    nameless: list[Nameless] = []
    for item in items:
        if not isinstance(item, InvalidItem) or not is_alert(item.value):
            found.append(item)
            continue
        reading = _read(item, received)
        if isinstance(reading, Found):
            found += reading.requests
        elif isinstance(reading, NoReference):
            error = "; ".join(map(str, reading.rejected)) or None
            nameless.append(Nameless(item.request_id, reading.requested_by, error))
    return found, nameless


def _read(item: InvalidItem, received: datetime) -> Reading:
    delivery_id = SOURCE.delivery_id(item.value, {}) or item.request_id
    payload = Payload(source=SOURCE.name, value=item.value, delivery_id=delivery_id, received=received)
    try:
        return SOURCE.read(payload)
    except InvalidRequest as error:
        return NoReference(payload.requested_by(*SOURCE.asked_by(item.value)), error.faults)
