"""Freshservice: notes on tickets. Source: Freshservice API documentation, "Conversations", "Rate limit"."""

from __future__ import annotations

from typing import Any

from local.targets.vendor import Arrived, Reply, Request, Vendor, basic, text_of_html

_TICKET = r"/api/v2/tickets/(\d+)"


class Freshservice(Vendor):
    """One account."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.credential = secret

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.headers.get("authorization") != basic(f"{self.credential}:X"):
            return Reply(401, {"code": "invalid_credentials", "message": "You have to be logged in."})
        ticket = self.ticket(rf"{_TICKET}/conversations", request.path)
        if ticket is not None and request.method == "GET":
            size = int(request.parameters.get("per_page", "30"))
            first = (int(request.parameters.get("page", "1")) - 1) * size
            return Reply(200, {"conversations": ticket.notes[first : first + size]})
        ticket = self.ticket(rf"{_TICKET}/notes", request.path)
        if ticket is None:
            return Reply(404)
        given: Any = request.json
        if request.method != "POST" or not isinstance(given, dict) or not given.get("body"):
            return _invalid("missing_field")
        if set(given) - {"body", "private", "notify_emails"}:
            return _invalid("invalid_field")
        # The default is not documented. The stand-in takes the harmful one: a note that the customer sees.
        text, private = text_of_html(given["body"]), given.get("private", False)
        note = {"id": len(ticket.notes) + 1, "body": given["body"], "body_text": text, "private": private}
        ticket.notes.append(note)
        self.arrived.append(Arrived(ticket.id, text, private=private))
        return Reply(201, {"conversation": note})


def _invalid(code: str) -> Reply:
    return Reply(400, {"description": "Validation failed", "errors": [{"code": code}]})
