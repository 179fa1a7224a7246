"""Slack: an incoming webhook, and the methods of the Web API that post threads.

Sources: Slack, "Sending messages using incoming webhooks", "Rate limits", "chat.postMessage", "conversations.history",
"conversations.replies".
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from local.targets.vendor import Arrived, Reply, Request, Vendor

if TYPE_CHECKING:
    from collections.abc import Callable

CHANNEL = "C0123456789"
_LEAST_GAP = 0.9
_MOST_BLOCKS, _MOST_HEADER, _MOST_SECTION, _MOST_FIELD, _MOST_FIELDS, _MOST_ELEMENTS = 50, 150, 3000, 2000, 10, 10


class Slack(Vendor):
    """One channel, with a webhook and an app that has a token."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._secret = secret
        self._clock = clock
        self._last = float("-inf")
        self._messages: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        """The path of the webhook."""
        return f"/services/T00000000/B00000000/{self._secret}"

    @property
    def token(self) -> str:
        """The token of the app."""
        return f"xoxb-{self._secret}"

    def answer(self, request: Request) -> Reply:
        """See Vendor."""
        if request.path.startswith("/api/"):
            return self._method(request)
        if request.path != self.url:
            return Reply(403 if request.path.startswith("/services/") else 404, "invalid_token")
        if self._is_too_fast():
            return Reply(429, "rate_limited", {"Retry-After": "1"})
        fault = _fault(request.json)
        if fault is not None:
            return Reply(400, fault)
        self._show(request.json)
        return Reply(200, "ok")

    def error(self, status: int) -> Reply:
        """See Vendor."""
        return Reply(status, "rate_limited" if status == 429 else "rollup_error")

    def _method(self, request: Request) -> Reply:
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return Reply(200, {"ok": False, "error": "invalid_auth"})
        given = request.json if request.method == "POST" else request.parameters
        if not isinstance(given, dict) or given.get("channel") != CHANNEL:
            return Reply(200, {"ok": False, "error": "channel_not_found"})
        match request.path:
            case "/api/chat.postMessage":
                if self._is_too_fast():
                    return Reply(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
                fault = _fault(given)
                if fault is not None:
                    return Reply(200, {"ok": False, "error": fault})
                return Reply(200, {"ok": True, "ts": self._show(given)})
            case "/api/conversations.history":
                top = [each for each in self._messages if "thread_ts" not in each or each.get("reply_broadcast")]
                return Reply(200, {"ok": True, "messages": top[::-1], "has_more": False})
            case "/api/conversations.replies":
                thread = given.get("ts")
                found = [each for each in self._messages if thread in (each["ts"], each.get("thread_ts"))]
                return Reply(200, {"ok": True, "messages": found, "has_more": False})
        return Reply(200, {"ok": False, "error": "unknown_method"})

    def _show(self, message: dict[str, Any]) -> str:
        ts = f"1700000000.{len(self._messages):06}"
        kept: dict[str, Any] = {
            name: message[name] for name in ("thread_ts", "metadata", "reply_broadcast") if name in message
        }
        self._messages.append({"ts": ts, "text": message["text"], **kept})
        thread = message.get("thread_ts")
        self.arrived.append(Arrived(f"thread {thread}" if thread else "channel", text_of(message)))
        return ts

    def _is_too_fast(self) -> bool:
        now = self._clock()
        if now - self._last < _LEAST_GAP:
            return True
        self._last = now
        return False


def _fault(message: Any) -> str | None:
    """The error code for a message that Slack refuses, or None."""
    if not isinstance(message, dict):
        return "invalid_payload"
    if not message.get("text"):
        return "no_text"
    blocks = message.get("blocks", [])
    if len(blocks) > _MOST_BLOCKS:
        return "invalid_blocks"
    for block in blocks:
        texts = [block["text"]] if "text" in block else [*block.get("fields", []), *block.get("elements", [])]
        most = {"header": _MOST_HEADER, "context": _MOST_SECTION}.get(
            block["type"], _MOST_FIELD if "fields" in block else _MOST_SECTION
        )
        if not texts or len(texts) > min(_MOST_FIELDS, _MOST_ELEMENTS):
            return "invalid_blocks"
        if any(not 0 < len(text["text"]) <= most for text in texts):
            return "invalid_blocks"
        if block["type"] == "header" and block["text"]["type"] != "plain_text":
            return "invalid_blocks"
        if any("emoji" in text and text["type"] != "plain_text" for text in texts):
            return "invalid_blocks"
    return None


def text_of(message: dict[str, Any]) -> str:
    """The message as a person reads it, in lines."""
    lines = []
    for block in message.get("blocks", []):
        texts = [block["text"]] if "text" in block else [*block.get("fields", []), *block.get("elements", [])]
        lines += [text["text"] for text in texts]
    return "\n".join(lines)
