"""Zendesk: a webhook that a trigger calls, whose body you can write."""

from shared.intake.signatures import ZendeskSignature
from shared.intake.sources.direct import asked_by, is_direct, read_direct
from shared.intake.sources.source import Source, delivery_id_in

SOURCE = Source(
    "zendesk",
    read_direct,
    delivery_id_in("x-zendesk-webhook-invocation-id"),
    asked_by,
    is_direct,
    ZendeskSignature(),
)
