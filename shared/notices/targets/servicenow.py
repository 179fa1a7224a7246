"""ServiceNow: a work note on the task (incident, request item, change and the like), which callers do not see.

Source: ServiceNow, "Table API". Two facts are known from the field. The table `task` includes all tables that extend
it. An update without the right to write work_notes is answered with 200.
"""

from __future__ import annotations

import logging
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import TargetRefused
from shared.log import line
from shared.notices.note import as_journal, lines
from shared.notices.targets.client import TICKET_ALWAYS, TargetClient, basic, ticket_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing

_SYS_ID = re.compile(r"[0-9a-f]{32}")
_TABLE = re.compile(r"[a-z0-9_]{1,80}")

_log = logging.getLogger(__name__)


class _Record(NamedTuple):
    table: str
    sys_id: str
    work_notes: str


class ServiceNow(TargetClient):
    """One instance."""

    def __init__(self, http: Http, root: str, credential: str) -> None:
        """`credential` is user:password, or an API key."""
        self._http = http
        self._root = root
        authorization = {"Authorization": basic(credential)} if ":" in credential else {"x-sn-apikey": credential}
        self._headers = {**authorization, "Accept": "application/json"}

    def has(self, outgoing: Outgoing) -> bool:
        """Whether the record's journal has the note."""
        return outgoing.told.event_id in self._record(outgoing).work_notes

    def send(self, outgoing: Outgoing) -> None:
        """Write the note into the journal of the record, in the record's own table."""
        record = self._record(outgoing)
        url = f"{self._root}/api/now/table/{record.table}/{record.sys_id}"
        answer = self._http.call(
            "PATCH",
            f"{url}?sysparm_display_value=true&sysparm_fields=work_notes",
            headers=self._headers,
            json_body={"work_notes": as_journal(lines(outgoing.told, outgoing.links))},
        )
        answer.raise_unless_success(always=TICKET_ALWAYS)
        if outgoing.told.event_id not in answer.text:
            told = outgoing.told
            _log.warning(line("note_not_seen", target="servicenow", ticket=record.sys_id, eventId=told.event_id))

    def _record(self, outgoing: Outgoing) -> _Record:
        """The record that the request came from. Raises TargetRefused if there is none, or more than one."""
        ticket = ticket_id(outgoing)
        field = "sys_id" if _SYS_ID.fullmatch(ticket) else "number"
        query = (
            f"sysparm_query={field}={ticket}&sysparm_fields=sys_id,sys_class_name,work_notes"
            "&sysparm_display_value=all&sysparm_limit=2"
        )
        answer = self._http.call("GET", f"{self._root}/api/now/table/task?{query}", headers=self._headers)
        if answer.status != HTTPStatus.NOT_FOUND:  # Some releases answer 404, "No Record found".
            answer.raise_unless_success(always=TICKET_ALWAYS)
        found = answer.json.get("result")
        if not isinstance(found, list) or len(found) != 1:
            raise TargetRefused(f"has no task {ticket} that this credential may see")
        values = found[0] if isinstance(found[0], dict) else {}
        table, sys_id = _text(values, "sys_class_name", "value"), _text(values, "sys_id", "value")
        if not _TABLE.fullmatch(table) or not _SYS_ID.fullmatch(sys_id):
            raise TargetRefused(f"does not tell the table of task {ticket}")
        return _Record(table, sys_id, _text(values, "work_notes", "display_value"))


def _text(values: Mapping[str, Any], field: str, kind: str) -> str:
    both = values.get(field)
    return str(both.get(kind) or "") if isinstance(both, dict) else ""
