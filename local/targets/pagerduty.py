"""PagerDuty: notes on incidents. Source: PagerDuty, REST API, "Create a note on an incident"."""

from __future__ import annotations

from typing import Any

from local.targets.vendor import Arrived, Reply, Request, Vendor

USER = "bot@contoso.example"
_MOST_NOTES = 2000


class PagerDuty(Vendor):
    """One account with one user."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.credential = secret

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.headers.get("authorization") != f"Token token={self.credential}":
            return Reply(401, {"error": {"message": "Unauthorized", "code": 2006}})
        incident = self.ticket(r"/incidents/([A-Z0-9]+)/notes", request.path)
        if incident is None:
            return _error(404, 2100, "Not Found", [])
        if request.method == "GET":
            return Reply(200, {"notes": incident.notes[::-1]})
        if request.headers.get("from") != USER:
            return _error(400, 2001, "Invalid Input Provided", ["Requester User Not Found"])
        given: Any = request.json
        content = given.get("note", {}).get("content") if isinstance(given, dict) else None
        if request.method != "POST" or not content or len(incident.notes) >= _MOST_NOTES:
            return _error(400, 2001, "Invalid Input Provided", ["Content cannot be empty."])
        note = {"id": f"PNOTE{len(incident.notes)}", "user": {"type": "bot_user_reference"}, "content": content}
        incident.notes.append(note)
        self.arrived.append(Arrived(incident.id, content))
        return Reply(200, {"note": note})

    def error(self, status: int) -> Reply:
        """See Vendor."""
        return _error(status, 2020, "Rate Limit Exceeded" if status == 429 else "Internal Server Error", [])


def _error(status: int, code: int, message: str, errors: list[str]) -> Reply:
    return Reply(status, {"error": {"message": message, "code": code, "errors": errors}})
