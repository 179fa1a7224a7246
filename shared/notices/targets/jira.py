"""Jira Cloud: a comment on the issue, internal in service projects.

The event's id is a property of the comment, which people cannot see or edit. The property sd.public.comment makes a
comment internal. Many programs use it, but it is not documented, so the answer is checked.

Sources: Atlassian, "The Jira Cloud platform REST API" (Issue comments); "Atlassian Document Format".
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from shared.json_text import write_json
from shared.log import line
from shared.notices.note import NAME, as_document, lines
from shared.notices.targets.client import TICKET_ALWAYS, TargetClient, basic, ticket_id

if TYPE_CHECKING:
    from shared.notices.http import Http
    from shared.notices.targets.client import Outgoing

LAST_COMMENTS = 100
"""How many comments are searched, the newest first."""

_log = logging.getLogger(__name__)


class Jira(TargetClient):
    """One site."""

    def __init__(self, http: Http, root: str, credential: str) -> None:
        """`credential` is user:token."""
        self._http = http
        self._root = root
        self._headers = {"Authorization": basic(credential), "Accept": "application/json"}

    def has(self, outgoing: Outgoing) -> bool:
        """Whether the issue has the comment: by its property, or by its text."""
        query = f"orderBy=-created&maxResults={LAST_COMMENTS}&expand=properties"
        answer = self._http.call("GET", f"{self._comments(outgoing)}?{query}", headers=self._headers)
        answer.raise_unless_success(always=TICKET_ALWAYS)
        return outgoing.told.event_id in write_json(answer.json.get("comments"))

    def send(self, outgoing: Outgoing) -> None:
        """Write the comment. Logs a warning if customers can read it."""
        properties = [
            {"key": "sd.public.comment", "value": {"internal": True}},
            {"key": NAME, "value": {"eventId": outgoing.told.event_id}},
        ]
        body = {"body": as_document(lines(outgoing.told, outgoing.links)), "properties": properties}
        answer = self._http.call("POST", self._comments(outgoing), headers=self._headers, json_body=body)
        answer.raise_unless_success(always=TICKET_ALWAYS)
        if answer.json.get("jsdPublic") is True and self._is_service_project(outgoing):
            told = outgoing.told
            _log.warning(line("note_is_public", target="jira", ticket=ticket_id(outgoing), eventId=told.event_id))

    def _comments(self, outgoing: Outgoing) -> str:
        return f"{self._issue(outgoing)}/comment"

    def _issue(self, outgoing: Outgoing) -> str:
        return f"{self._root}/rest/api/3/issue/{ticket_id(outgoing)}"

    def _is_service_project(self, outgoing: Outgoing) -> bool:
        """Whether the issue's project has customers. Jira answers jsdPublic: true in other projects, too."""
        answer = self._http.call("GET", f"{self._issue(outgoing)}?fields=project", headers=self._headers)
        project: Any = answer.json
        for name in ("fields", "project", "projectTypeKey"):
            project = project.get(name) if isinstance(project, dict) else None
        return bool(project == "service_desk")
