"""PagerDuty: a note on the incident, which responders and stakeholders see.

Source: PagerDuty, REST API, "Create a note on an incident" and "List notes for an incident".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.json_text import write_json
from shared.notices.note import lines, plain
from shared.notices.targets.client import TICKET_ALWAYS, TargetClient, ticket_id

if TYPE_CHECKING:
    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing


class PagerDuty(TargetClient):
    """One account."""

    def __init__(self, http: Http, root: str, token: str, user: str) -> None:
        """`user` is the mail address of the user who is the author of notes."""
        self._http = http
        self._root = root
        self._headers = {
            "Authorization": f"Token token={token}",
            "Accept": "application/vnd.pagerduty+json;version=2",
            "From": user,
        }

    def has(self, outgoing: Outgoing) -> bool:
        """Whether the incident has the note."""
        answer = self._http.call("GET", self._notes(outgoing), headers=self._headers)
        answer.raise_unless_success(always=TICKET_ALWAYS)
        return outgoing.told.event_id in write_json(answer.json.get("notes"))

    def send(self, outgoing: Outgoing) -> None:
        """Write the note."""
        content = {"note": {"content": plain(lines(outgoing.told, outgoing.links))}}
        answer = self._http.call("POST", self._notes(outgoing), headers=self._headers, json_body=content)
        answer.raise_unless_success(always=TICKET_ALWAYS)

    def _notes(self, outgoing: Outgoing) -> str:
        return f"{self._root}/incidents/{ticket_id(outgoing)}/notes"
