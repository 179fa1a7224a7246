"""A transport of requests that answers from a script. Graph's side of a test about calls and their order."""

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
    """Tokens that count: token-0, token-1 after the first was rejected, and so on."""

    rejected: list[str] = field(default_factory=list)
    claims: list[str | None] = field(default_factory=list)

    def get(self) -> str:
        return f"token-{len(self.rejected)}"

    def replace(self, rejected: str, *, claims: str | None = None) -> str:
        self.rejected.append(rejected)
        self.claims.append(claims)
        return self.get()


class ScriptedTransport(BaseAdapter):
    """Answers in a given order; remembers what was asked. Mounted on a real requests.Session."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: deque[requests.Response | Exception] = deque()
        self.requests: list[requests.PreparedRequest] = []
        self.tokens = CountedTokens()

    def answer(self, status: int, body: Any = None, **headers: str) -> ScriptedTransport:
        """Queue an answer; header names with underscores for hyphens."""
        response = requests.Response()
        response.status_code = status
        response._content = b"" if body is None else json.dumps(body).encode()
        response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        response.headers.setdefault("request-id", f"request-{len(self.answers)}")
        self.answers.append(response)
        return self

    def job(self, code: str = "Quarantine", **status: Any) -> ScriptedTransport:
        """Queue the answer to a read."""
        return self.answer(200, job_json(code, **status))

    def fail(self, error: Exception) -> ScriptedTransport:
        """Queue a fault of the connection."""
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
        """Nothing is open."""
