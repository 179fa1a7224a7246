"""One call to a target over a real connection: limited, never redirected, and without its address in errors."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from shared.errors import TargetRefused, TargetUnavailable
from shared.notices import http as module
from shared.notices.http import Answer, Http

if TYPE_CHECKING:
    from collections.abc import Iterator


class Handler(BaseHTTPRequestHandler):
    """Answers according to the path."""

    seen: list[tuple[str, str, bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.seen.append((self.path, self.headers.get("Content-Type", ""), body))
        if self.path.startswith("/drop"):
            self.connection.close()
            return
        status = 302 if self.path.startswith("/redirect") else 200
        content = b"x" * 100_000 if self.path.startswith("/long") else b'{"ok": true}'
        self.send_response(status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    Handler.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_json_is_sent_as_it_is_counted(server: str) -> None:
    answer = Http(2).call("POST", f"{server}/", json_body={"text": "é"})
    assert (answer.status, answer.json) == (200, {"ok": True})
    assert Handler.seen == [("/", "application/json", b'{"text":"\\u00e9"}')]


def test_a_redirect_is_an_answer_and_not_followed(server: str) -> None:
    answer = Http(2).call("POST", f"{server}/redirect", data=b"x")
    assert [path for path, _, _ in Handler.seen] == ["/redirect"]
    with pytest.raises(TargetRefused) as caught:
        answer.raise_unless_success()
    assert caught.value.always


def test_an_answer_that_is_lost_may_hide_success_and_its_error_no_address(server: str) -> None:
    with pytest.raises(TargetUnavailable) as caught:
        Http(2).call("POST", f"{server}/drop?sig=hidden", data=b"x")
    assert caught.value.may_have_worked
    assert "hidden" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_connection_that_was_never_made_hides_nothing() -> None:
    with pytest.raises(TargetUnavailable) as caught:
        Http(2).call("POST", "http://127.0.0.1:9/?sig=hidden", data=b"x")
    assert not caught.value.may_have_worked
    assert "hidden" not in str(caught.value)


def test_a_long_answer_is_read_to_a_limit(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ANSWER", 1000)
    assert len(Http(2).call("POST", f"{server}/long", data=b"x").body) < 100_000


@pytest.mark.parametrize(
    ("value", "seconds"), [("17", 17), ("", None), ("soon", None), ("Wed, 99 Nov 2026 10:00:00 GMT", None)]
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    assert Answer(429, {"retry-after": value}, b"").retry_after == seconds


def test_retry_after_as_a_date() -> None:
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=100), usegmt=True)
    seconds = Answer(429, {"retry-after": later}, b"").retry_after
    assert seconds is not None
    assert 90 < seconds <= 100
    assert Answer(429, {"retry-after": "Mon, 23 Nov 2020 10:00:00 -0000"}, b"").retry_after == 0


@pytest.mark.parametrize("body", [b"", b"[1]", b"no", b"\xff", b"[" * 100_000])
def test_value_that_is_not_an_object_counts_as_an_empty_one(body: bytes) -> None:
    assert Answer(200, {}, body).json == {}
