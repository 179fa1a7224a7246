"""Connects a target's client to a stand-in without a network. Answers can be lost."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from local.targets.vendor import Reply, Request
from shared.errors import TargetUnavailable
from shared.json_text import write_json
from shared.notices.http import Answer, Http

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.targets.vendor import Vendor


class Wire(Http):
    """Passes each call to the vendor, unless `lost` or `replies` say otherwise."""

    def __init__(self, vendor: Vendor) -> None:
        super().__init__(threads=1)
        self._vendor = vendor
        self.requests: list[Request] = []
        self.lost: list[str] = []
        """Methods of the next calls whose answers are lost after the work is done."""
        self.replies: list[Reply] = []
        """Answers to the next calls, instead of the vendor's."""

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: object = None,
        data: bytes | None = None,
    ) -> Answer:
        parts = urlsplit(url)
        sent = {name.lower(): value for name, value in (headers or {}).items()}
        if json_body is not None:
            sent["content-type"], data = "application/json", write_json(json_body).encode()
        request = Request(method, parts.path, parts.query, sent, data or b"")
        self.requests.append(request)
        reply = self.replies.pop(0) if self.replies else self._vendor.answer(request)
        if method in self.lost:
            self.lost.remove(method)
            raise TargetUnavailable("gave no answer: ReadTimeout", may_have_worked=True)
        body = reply.content if isinstance(reply.content, str) else write_json(reply.content)
        return Answer(reply.status, {name.lower(): value for name, value in reply.headers.items()}, body.encode())
