"""Freshservice: a private note on the ticket, which its requester does not see.

Source: Freshservice API documentation, "Conversations" (Create a Note, List All Conversations of a Ticket).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.json_text import write_json
from shared.notices.note import as_html, lines
from shared.notices.targets.client import TICKET_ALWAYS, TargetClient, basic, ticket_id

if TYPE_CHECKING:
    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing

PAGE = 100
MAX_PAGES = 10
"""The most pages of conversations that are searched. A ticket lists its oldest conversations first."""


class Freshservice(TargetClient):
    """One account."""

    def __init__(self, http: Http, root: str, credential: str) -> None:
        """`credential` is an agent's API key. Freshservice ignores the password in the header."""
        self._http = http
        self._root = root
        self._headers = {"Authorization": basic(f"{credential}:X"), "Accept": "application/json"}

    def has(self, outgoing: Outgoing) -> bool:
        """Whether the ticket has the note."""
        url = f"{self._root}/api/v2/tickets/{ticket_id(outgoing)}/conversations"
        for page in range(1, MAX_PAGES + 1):
            answer = self._http.call("GET", f"{url}?per_page={PAGE}&page={page}", headers=self._headers)
            answer.raise_unless_success(always=TICKET_ALWAYS)
            conversations = answer.json.get("conversations")
            if outgoing.told.event_id in write_json(conversations):
                return True
            if not isinstance(conversations, list) or len(conversations) < PAGE:
                return False
        return False

    def send(self, outgoing: Outgoing) -> None:
        """Write the note."""
        answer = self._http.call(
            "POST",
            f"{self._root}/api/v2/tickets/{ticket_id(outgoing)}/notes",
            headers=self._headers,
            json_body={"body": as_html(lines(outgoing.told, outgoing.links)), "private": True},
        )
        answer.raise_unless_success(always=TICKET_ALWAYS)
