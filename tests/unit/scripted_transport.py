"""A transport of requests that answers from a script, for tests of the calls to Graph and their order."""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import BaseAdapter

from tests.examples import job_json


@dataclass
class CountedTokens:
    """Numbered tokens: token-0, then token-1 after the first was rejected, and so on."""

    rejected: list[str] = field(default_factory=list)
    claims: list[str | None] = field(default_factory=list)

    def get(self) -> str:
        return f"token-{len(self.rejected)}"

    def replace(self, rejected: str, *, claims: str | None = None) -> str:
        self.rejected.append(rejected)
        self.claims.append(claims)
        return self.get()


class ScriptedTransport(BaseAdapter):
    """Answers in a given order, and records its requests. It is mounted on a real requests.Session."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: deque[requests.Response | Exception] = deque()
        self.requests: list[requests.PreparedRequest] = []
        self.tokens = CountedTokens()

    def answer(self, status: int, body: Any = None, **headers: str) -> ScriptedTransport:
        """Add an answer. Header names have underscores for hyphens."""
        response = requests.Response()
        response.status_code = status
        response._content = b"" if body is None else json.dumps(body).encode()
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        response.headers.setdefault("request-id", f"request-{len(self.answers)}")
        self.answers.append(response)
        return self

    def job(self, code: str = "Quarantine", **status: Any) -> ScriptedTransport:
        """Add the answer to a read."""
        return self.answer(200, job_json(code, **status))

    def fail(self, error: Exception) -> ScriptedTransport:
        """Add a connection fault."""
        self.answers.append(error)
        return self

    @property
    def asked(self) -> list[str]:
        """Method and last part of the path of each request."""
        return [f"{request.method} {str(request.url).rsplit('/', 1)[-1]}" for request in self.requests]

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(request)
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        answer.request = request
        answer.url = str(request.url)
        return answer

    def close(self) -> None:
        """Do nothing."""
