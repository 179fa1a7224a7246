"""ServiceNow: a REST message from a business rule or a flow, whose body you can write."""

from shared.intake.sources.direct import asked_by, is_direct, read_direct
from shared.intake.sources.source import Source, no_delivery_id

SOURCE = Source("servicenow", read_direct, no_delivery_id, asked_by, is_direct)
