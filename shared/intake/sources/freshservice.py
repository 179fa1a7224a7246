"""Freshservice: the webhook of a workflow automator, whose body you can write."""

from shared.intake.sources.direct import asked_by, is_direct, read_direct
from shared.intake.sources.source import Source, no_delivery_id

SOURCE = Source("freshservice", read_direct, no_delivery_id, asked_by, is_direct)
