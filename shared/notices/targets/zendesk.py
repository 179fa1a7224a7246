"""Zendesk: a private comment on the ticket, which its requester does not see.

Source: Zendesk developer documentation, "Tickets" (Update Ticket) and "Ticket Comments". A comment is public unless it
says otherwise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.json_text import write_json
from shared.notices.note import as_html, lines
from shared.notices.targets.client import TICKET_ALWAYS, TargetClient, basic, ticket_id

if TYPE_CHECKING:
    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing

LAST_COMMENTS = 100
"""How many comments are searched, the newest first."""


class Zendesk(TargetClient):
    """One account."""

    def __init__(self, http: Http, root: str, credential: str) -> None:
        """`credential` is mail/token:key."""
        self._http = http
        self._root = root
        self._headers = {"Authorization": basic(credential), "Accept": "application/json"}

    def has(self, outgoing: Outgoing) -> bool:
        """Whether the ticket has the comment."""
        url = f"{self._root}/api/v2/tickets/{ticket_id(outgoing)}/comments.json"
        answer = self._http.call("GET", f"{url}?sort_order=desc&per_page={LAST_COMMENTS}", headers=self._headers)
        answer.raise_unless_success(always=TICKET_ALWAYS)
        return outgoing.told.event_id in write_json(answer.json.get("comments"))

    def send(self, outgoing: Outgoing) -> None:
        """Write the comment."""
        comment = {"html_body": as_html(lines(outgoing.told, outgoing.links)), "public": False}
        answer = self._http.call(
            "PUT",
            f"{self._root}/api/v2/tickets/{ticket_id(outgoing)}.json",
            headers=self._headers,
            json_body={"ticket": {"comment": comment}},
        )
        answer.raise_unless_success(always=TICKET_ALWAYS)
