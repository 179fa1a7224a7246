"""Zendesk: a webhook that a trigger calls, whose body is free."""

from shared.signatures import ZendeskSignature
from shared.sources.direct import read_direct
from shared.sources.source import Source, delivery_id_in

SOURCE = Source("zendesk", read_direct, delivery_id_in("x-zendesk-webhook-invocation-id"), ZendeskSignature())
