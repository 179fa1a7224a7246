"""Zendesk: comments of tickets. Source: Zendesk developer documentation, "Tickets" and "Ticket Comments"."""

from __future__ import annotations

from typing import Any

from local.targets.vendor import Arrived, Reply, Request, Vendor, basic, text_of_html


class Zendesk(Vendor):
    """One account."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.credential = f"bot@contoso.example/token:{secret}"

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.headers.get("authorization") != basic(self.credential):
            return Reply(401, {"error": "Couldn't authenticate you"})
        ticket = self.ticket(r"/api/v2/tickets/(\d+)/comments\.json", request.path)
        if ticket is not None and request.method == "GET":
            comments = ticket.notes[::-1] if request.parameters.get("sort_order") == "desc" else ticket.notes
            return Reply(200, {"comments": comments[: int(request.parameters.get("per_page", "100"))]})
        ticket = self.ticket(r"/api/v2/tickets/(\d+)\.json", request.path)
        if ticket is None:
            return Reply(404, {"error": "RecordNotFound", "description": "Not found"})
        given: Any = request.json
        comment = given.get("ticket", {}).get("comment") if isinstance(given, dict) else None
        if request.method != "PUT" or not isinstance(comment, dict):
            return Reply(400, {"error": "RecordInvalid", "description": "Record validation errors"})
        html = comment.get("html_body") or comment.get("body") or ""
        public = comment.get("public", True)
        text = text_of_html(html)
        ticket.notes.append({"id": len(ticket.notes) + 1, "html_body": html, "plain_body": text, "public": public})
        self.arrived.append(Arrived(ticket.id, text, private=not public))
        return Reply(200, {"ticket": {"id": int(ticket.id)}, "audit": {"id": 1}})
