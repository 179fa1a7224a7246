"""Jira Cloud: comments of issues. Source: Atlassian, "The Jira Cloud platform REST API", Issue comments."""

from __future__ import annotations

from typing import Any

from local.targets.vendor import Arrived, Reply, Request, Vendor, basic

USER = "bot@contoso.example"
_ISSUE = r"/rest/api/3/issue/([A-Z]+-\d+)"


class Jira(Vendor):
    """One site. A ticket with customers belongs to a service project."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self.credential = f"{USER}:{secret}"

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.headers.get("authorization") != basic(self.credential):
            return _error(401, "Client must be authenticated to access this resource.")
        issue = self.ticket(_ISSUE, request.path)
        if issue is not None and request.method == "GET":
            kind = "service_desk" if issue.customers else "software"
            return Reply(200, {"key": issue.id, "fields": {"project": {"projectTypeKey": kind}}})
        issue = self.ticket(rf"{_ISSUE}/comment", request.path)
        if issue is None:
            return _error(404, "Issue does not exist or you do not have permission to see it.")
        if request.method == "GET":
            most = min(int(request.parameters.get("maxResults", "50")), 100)
            with_properties = "properties" in request.parameters.get("expand", "")
            comments = [
                each if with_properties else {name: each[name] for name in each if name != "properties"}
                for each in issue.notes
            ]
            comments = comments[::-1] if request.parameters.get("orderBy") == "-created" else comments
            return Reply(200, {"comments": comments[:most], "maxResults": most, "total": len(comments), "startAt": 0})
        if request.method != "POST":
            return _error(405, "Method not allowed")
        given = request.json
        if not isinstance(given, dict) or not _is_document(given.get("body")):
            return _error(400, "Comment body is not valid!")
        properties = given.get("properties", [])
        internal = {"key": "sd.public.comment", "value": {"internal": True}} in properties
        comment = {
            "id": str(10_000 + len(issue.notes)),
            "author": {"accountType": "app" if "app" in USER else "atlassian"},
            "body": given["body"],
            "jsdPublic": not (internal and issue.customers),
            "properties": properties,
        }
        issue.notes.append(comment)
        self.arrived.append(Arrived(issue.id, text_of(given["body"]), private=internal or not issue.customers))
        return Reply(201, comment)

    def error(self, status: int) -> Reply:
        """See Vendor."""
        return _error(status, "Rate limit exceeded." if status == 429 else "Internal server error")


def text_of(document: dict[str, Any]) -> str:
    """A document as a person reads it, one line per paragraph."""
    return "\n".join("".join(node["text"] for node in block["content"]) for block in document["content"])


def _is_document(body: Any) -> bool:
    """Whether it is in the Atlassian Document Format, as far as the app uses it."""
    if not isinstance(body, dict) or (body.get("type"), body.get("version")) != ("doc", 1):
        return False
    blocks = body.get("content") or []
    nodes = [node for block in blocks for node in block.get("content", [])]
    return all(block["type"] == "paragraph" for block in blocks) and all(
        set(node) == {"type", "text"} and node["type"] == "text" and node["text"] for node in nodes
    )


def _error(status: int, message: str) -> Reply:
    return Reply(status, {"errorMessages": [message], "errors": {}})
