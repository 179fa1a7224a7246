"""Microsoft Graph, the managed identity and the table service on loopback, as far as these tests need them."""

from __future__ import annotations

import json
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, Self

from tests.runtime.table_service import TableService

if TYPE_CHECKING:
    from types import TracebackType

TOKEN = "loopback-token"
_IDENTITY = "/identity"


class Loopback:
    """Answers Graph's calls in the given order, and remembers them. Hands out one token."""

    def __init__(self) -> None:
        self.answers: deque[tuple[int, Any, dict[str, str]]] = deque()
        self.tables = TableService()
        self.calls: list[str] = []
        """Method and path of each call of Graph."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})

    @property
    def settings(self) -> dict[str, str]:
        """The settings of an app that uses this."""
        url = f"http://127.0.0.1:{self._server.server_port}"
        return {
            "GRAPH_ENDPOINT": url,
            "IDENTITY_ENDPOINT": url + _IDENTITY,
            "IDENTITY_HEADER": "secret",
            "AzureWebJobsStorage": f"AccountName=contoso;AccountKey=a2V5;TableEndpoint={url}/tables",
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
        }

    def answer(self, status: int, body: Any = None, **headers: str) -> Self:
        """Queue an answer; header names with underscores for hyphens."""
        self.answers.append((status, body, {name.replace("_", "-"): text for name, text in headers.items()}))
        return self

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer_to(self, method: str, path: str, authorization: str | None) -> tuple[int, Any, dict[str, str]]:
        if path.startswith(_IDENTITY):
            token = {"access_token": TOKEN, "expires_on": "4102444800", "resource": "x", "token_type": "Bearer"}
            return 200, token, {}
        self.calls.append(f"{method} {path}")
        if authorization != f"Bearer {TOKEN}":
            return 401, None, {}
        return self.answers.popleft() if self.answers else (500, None, {"Retry-After": "600"})

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        loopback = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def do_PUT(self) -> None:
                self._answer()

            def do_DELETE(self) -> None:
                self._answer()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name of the base class
                """Log nothing."""

            def _answer(self) -> None:
                given = self.rfile.read(int(self.headers["Content-Length"] or 0))
                if self.path.startswith("/tables"):
                    answer = loopback.tables.answer_to(self.command, self.path, self.headers["If-Match"], given)
                else:
                    answer = loopback._answer_to(self.command, self.path, self.headers["Authorization"])
                status, body, headers = answer
                content = b"" if body is None else json.dumps(body).encode()
                self.send_response(status)
                standard = {"Content-Type": "application/json", "Content-Length": str(len(content))}
                for name, text in {**headers, **standard}.items():
                    self.send_header(name, text)
                self.end_headers()
                self.wfile.write(content)

        return Handler
