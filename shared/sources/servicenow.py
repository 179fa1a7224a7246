"""ServiceNow: a REST message that a business rule or a flow sends, whose body is free."""

from shared.sources.direct import read_direct
from shared.sources.source import Source, no_delivery_id

SOURCE = Source("servicenow", read_direct, no_delivery_id)
