"""ServiceNow: the Table API. Source: ServiceNow, "Table API"; "Inbound REST API rate limiting"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from local.targets.vendor import Arrived, Reply, Request, Vendor

if TYPE_CHECKING:
    from local.targets.vendor import Ticket

_RECORD = r"/api/now/table/(?:[a-z_]+)/([0-9a-f]{32})"


class ServiceNow(Vendor):
    """One instance, with an API key."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.credential = secret

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.headers.get("x-sn-apikey") != self.credential:
            return _error(401, "User Not Authenticated", "Required to provide Auth information")
        if request.method == "GET" and request.path == "/api/now/table/task":
            return self._find(request)
        record = self.ticket(_RECORD, request.path)
        if record is None or request.path.split("/")[4] != record.table:
            return _error(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval")
        if request.method != "PATCH":
            return _error(405, "Method not supported", "")
        given = request.json
        if not isinstance(given, dict):
            return _error(400, "Exception while reading request", "The payload is not valid JSON")
        if text := given.get("work_notes"):
            record.notes.append({"text": text})
            self.arrived.append(Arrived(record.number, text))
        if text := given.get("comments"):
            self.arrived.append(Arrived(record.number, text, private=False))
        return Reply(200, {"result": {"work_notes": _journal(record)}})

    def error(self, status: int) -> Reply:
        """See Vendor."""
        return _error(status, "Rate limit exceeded" if status == 429 else "Transaction cancelled", "")

    def _find(self, request: Request) -> Reply:
        query = request.parameters.get("sysparm_query", "")
        found = re.fullmatch(r"(number|sys_id)=(\w+)", query)
        if found is None:
            # ServiceNow drops an invalid part of a query, so that it matches every record.
            records = list(self.tickets.values())
        else:
            name = {"number": "number", "sys_id": "id"}[found[1]]
            records = [each for each in self.tickets.values() if getattr(each, name) == found[2]]
        shown = request.parameters.get("sysparm_fields", "").split(",")
        return Reply(200, {"result": [_shown(record, shown) for record in records]})


def _shown(record: Ticket, fields: list[str]) -> dict[str, Any]:
    values = {
        "sys_id": {"value": record.id, "display_value": record.id},
        "number": {"value": record.number, "display_value": record.number},
        "sys_class_name": {"value": record.table, "display_value": record.table.title()},
        "work_notes": {"value": "", "display_value": _journal(record)},
    }
    return {name: values[name] for name in fields}


def _journal(record: Ticket) -> str:
    entries = [f"2026-11-23 10:00:00 - Start Job (Work notes)\n{note['text']}\n\n" for note in record.notes]
    return "".join(entries[::-1])


def _error(status: int, message: str, detail: str) -> Reply:
    return Reply(status, {"error": {"message": message, "detail": detail}, "status": "failure"})
