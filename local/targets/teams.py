"""A workflow in Teams that posts cards from its webhook into a channel.

It answers 202 to every call with the right signature. The caller does not learn whether the run then fails. Sources:
Microsoft Learn, "Create incoming webhooks with Workflows for Microsoft Teams"; issues in public repositories for how
runs fail.
"""

from __future__ import annotations

import json
from typing import Any

from local.targets.vendor import Arrived, Reply, Request, Vendor

PATH = "/workflows/0123456789abcdef0123456789abcdef/triggers/manual/paths/invoke"
MOST = 28_672
"""The most bytes of a card as Teams counts them, with what Teams adds."""
_ADDED = 4_500


class Teams(Vendor):
    """One workflow."""

    def __init__(self, secret: str) -> None:
        super().__init__()
        self._secret = secret

    @property
    def url(self) -> str:
        """Path and query of the webhook."""
        return f"{PATH}?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig={self._secret}"

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.path != PATH:
            return _error(404, "WorkflowNotFound")
        if request.parameters.get("sig") != self._secret:
            return _error(401, "DirectApiAuthorizationRequired")
        if request.method != "POST":
            return _error(405, "MethodNotAllowed")
        text, problem = _run(request)
        self.arrived.append(Arrived("channel", text, problem=problem))
        return Reply(202)

    def error(self, status: int) -> Reply:
        """See Vendor."""
        return _error(status, "Throttled" if status == 429 else "ServiceUnavailable")


def _error(status: int, code: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": "The request failed."}})


def _run(request: Request) -> tuple[str, str | None]:
    """The text of the card, and why the run fails or None."""
    message = request.json
    attachments = message.get("attachments") if isinstance(message, dict) else None
    if not isinstance(attachments, list):
        return "", "the loop over the attachments has Null"
    (attachment,) = attachments
    card = attachment.get("content")
    if attachment.get("contentType") != "application/vnd.microsoft.card.adaptive" or card.get("type") != "AdaptiveCard":
        return "", "the attachment is not an Adaptive Card"
    if len(json.dumps(message).encode()) + _ADDED > MOST:
        return "", "the message is larger than Teams takes"
    return text_of(card), None


def text_of(card: dict[str, Any]) -> str:
    """The card as a person reads it, in lines."""
    lines = [line for element in card["body"] for line in _lines(element)]
    links = [f"[{action['title']}] {action['url']}" for action in card.get("actions", [])]
    return "\n".join([*lines, *links]).replace("\u200b", "")


def _lines(element: dict[str, Any]) -> list[str]:
    match element["type"]:
        case "TextBlock":
            return [element["text"]]
        case "RichTextBlock":
            return ["".join(run["text"] for run in element["inlines"])]
        case "ColumnSet":
            columns = [
                " ".join(line for item in column["items"] for line in _lines(item)) for column in element["columns"]
            ]
            return [": ".join(columns)]
        case kind:
            raise ValueError(f"the app's cards have no {kind}")
