"""Freshservice: the webhook of a workflow automator, whose body is free."""

from shared.sources.direct import read_direct
from shared.sources.source import Source, no_delivery_id

SOURCE = Source("freshservice", read_direct, no_delivery_id)
