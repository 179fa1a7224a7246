"""The session for the calls of one service, on the real requests library with an adapter that remembers."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from email.message import Message
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
import requests
from requests.adapters import BaseAdapter

from shared.graph.http_session import ServiceSession

if TYPE_CHECKING:
    from pathlib import Path

URL = "https://contoso.table.core.windows.net/StartLedger"
VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


class Recorder(BaseAdapter):
    """Answers every call with a cookie, and remembers what was sent, and how."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[requests.PreparedRequest] = []
        self.options: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(request)
        self.options.append(options)
        headers = Message()
        headers["Set-Cookie"] = "a=b; Path=/"
        response = requests.Response()
        response.status_code = 200
        response._content = b""
        response.raw = Mock(_original_response=Mock(msg=headers))
        return response

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def session(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> ServiceSession:
    for name in (*VARIABLES, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    session = ServiceSession(threads=1)
    session.mount("https://", recorder)
    return session


def test_proxy_and_certificates_of_the_environment_hold(
    session: ServiceSession, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.contoso.com:8080")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/contoso.pem")
    session.get(URL)
    session.get(URL, verify=True)
    for options in recorder.options:
        assert options["proxies"]["https"] == "http://proxy.contoso.com:8080"
        assert options["verify"] == "/etc/ssl/contoso.pem"


def test_host_that_needs_no_proxy_is_called_without_one(
    session: ServiceSession, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.contoso.com:8080")
    monkeypatch.setenv("NO_PROXY", ".core.windows.net")
    session.get(URL)
    assert "https" not in recorder.options[0]["proxies"]


def test_certificates_are_checked_where_nobody_says_anything(session: ServiceSession, recorder: Recorder) -> None:
    session.get(URL)
    session.get(URL)
    assert [options["verify"] for options in recorder.options] == [True, True]


def test_environment_is_read_for_the_first_call_only(
    session: ServiceSession, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.get(URL)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.contoso.com:8080")
    session.get(URL)
    assert "https" not in recorder.options[1]["proxies"]


def test_header_of_a_call_takes_the_place_of_the_sessions_whatever_its_case(
    session: ServiceSession, recorder: Recorder
) -> None:
    session.headers["Accept"] = "application/json"
    session.headers["User-Agent"] = "start-job-function"
    session.get(URL, headers={"accept": "application/json;odata=minimalmetadata"})
    (request,) = recorder.requests
    assert request.headers["Accept"] == "application/json;odata=minimalmetadata"
    assert request.headers["User-Agent"] == "start-job-function"
    assert [name.lower() for name in request.headers].count("accept") == 1


def test_no_cookie_is_kept(session: ServiceSession, recorder: Recorder) -> None:
    session.get(URL)
    session.get(URL)
    assert not session.cookies
    assert "Cookie" not in recorder.requests[1].headers


def test_no_password_of_a_netrc_file_is_sent(
    session: ServiceSession, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine contoso.table.core.windows.net login u password p\n")
    monkeypatch.setenv("NETRC", str(netrc))
    session.get(URL, headers={"Authorization": "Bearer token"})
    session.get(URL)
    assert [request.headers.get("Authorization") for request in recorder.requests] == ["Bearer token", None]


@pytest.mark.parametrize("headers_first", [True, False], ids=["the body trickles", "the headers trickle"])
def test_a_time_out_bounds_the_whole_answer(*, headers_first: bool) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"
    stop = threading.Event()

    def trickle(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(4096)
            connection.sendall(head if headers_first else b"HTTP/1.1 200")
            while not stop.wait(0.05):
                connection.sendall(b" ")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=trickle, args=(server,))
        thread.start()
        began = time.monotonic()
        try:
            with pytest.raises(requests.RequestException):
                ServiceSession(threads=1).get(f"http://127.0.0.1:{server.getsockname()[1]}/", timeout=(5, 0.5))
        finally:
            stop.set()
            thread.join(timeout=30)
    assert time.monotonic() - began < 30  # byte by byte it would have taken as long as the server sends


def test_a_connection_is_kept_for_the_next_call() -> None:
    accepted = []

    def answer(server: socket.socket) -> None:
        connection, address = server.accept()
        accepted.append(address)
        with connection:
            for _ in range(2):
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        session = ServiceSession(threads=1)
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert [session.get(url, timeout=(5, 30)).text for _ in range(2)] == ["OK", "OK"]
        thread.join(timeout=30)
    assert len(accepted) == 1
