"""The session for the calls to one service, on the real requests library with an adapter that records."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
import tracemalloc
import zlib
from email.message import Message
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest
import requests
from requests.adapters import BaseAdapter

from shared.errors import GraphUnavailable
from shared.graph.client import MAX_BODY, Graph, new_session
from shared.graph.http_session import AnswerTooLarge, ServiceSession
from shared.graph.whole_answer import _Until
from shared.job_code import JobCode
from shared.request.reference import JobReference
from shared.settings import Settings
from tests.examples import JOB, PRINCIPAL, job_json
from tests.unit.open_gate import OpenGate
from tests.unit.scripted_transport import CountedTokens

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "https://contoso.table.core.windows.net/StartLedger"
VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


class Recorder(BaseAdapter):
    """Answers every call with a cookie, and records what was sent and how."""

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
        """Do nothing."""


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


def test_certificates_are_checked_by_default(session: ServiceSession, recorder: Recorder) -> None:
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


@pytest.mark.parametrize("by_proxy", [False, True], ids=["direct", "by a proxy"])
@pytest.mark.parametrize("headers_first", [True, False], ids=["the body trickles", "the headers trickle"])
def test_a_time_out_bounds_the_whole_answer(*, headers_first: bool, by_proxy: bool) -> None:
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
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        url, proxies = ("http://contoso.invalid/", {"http": address}) if by_proxy else (address, {})
        began = time.monotonic()
        try:
            with pytest.raises(requests.RequestException):
                ServiceSession(threads=1).get(url, timeout=(5, 0.5), proxies=proxies)
        finally:
            stop.set()
            thread.join(timeout=30)
    assert time.monotonic() - began < 30  # read byte by byte, it would take as long as the server sends


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


@contextlib.contextmanager
def serving(body: bytes, *headers: str) -> Iterator[str]:
    """The URL of a server that answers one call with that body."""
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers, "", ""]).encode()

    def answer(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.recv(65_536)
            connection.sendall(head + body)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer, args=(server,))
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        thread.join(timeout=30)


def packed(size: int) -> bytes:
    """A compressed JSON text of that many bytes."""
    return gzip.compress(b'"' + b"x" * (size - 2) + b'"')


@pytest.mark.parametrize("over", [0, 1])
@pytest.mark.parametrize("coding", ["gzip", "deflate", None])
def test_a_body_is_read_up_to_a_size_packed_or_not(over: int, coding: str | None) -> None:
    plain = b"x" * (100_000 + over)
    body = gzip.compress(plain) if coding == "gzip" else zlib.compress(plain) if coding == "deflate" else plain
    headers = [f"Content-Encoding: {coding}"] if coding else []
    session = ServiceSession(threads=1, largest=100_000)
    with serving(body, *headers) as url:
        if over:
            with pytest.raises(AnswerTooLarge):
                session.get(url, timeout=(5, 30))
        else:
            assert session.get(url, timeout=(5, 30)).content == plain


def test_a_body_of_graph_that_unpacks_to_hundreds_of_megabytes_takes_little() -> None:
    body = packed(200 * 1024 * 1024)
    assert len(body) < 300 * 1024
    with serving(body, "Content-Encoding: gzip", "Content-Type: application/json") as url:
        settings = Settings(graph_endpoint=url)
        graph = Graph(settings, new_session(settings), CountedTokens(), OpenGate())
        tracemalloc.start()
        try:
            with pytest.raises(GraphUnavailable, match="AnswerTooLarge"):
                graph.read(JobReference(PRINCIPAL, None, JOB))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 10 * MAX_BODY  # decompressed as a whole, it takes fifty times as much


def test_a_whole_page_of_graph_is_read() -> None:
    text = json.dumps(job_json("Active"))
    body = gzip.compress((text + " " * (MAX_BODY - len(text))).encode())
    with serving(body, "Content-Encoding: gzip", "Content-Type: application/json") as url:
        settings = Settings(graph_endpoint=url)
        graph = Graph(settings, new_session(settings), CountedTokens(), OpenGate())
        assert graph.read(JobReference(PRINCIPAL, None, JOB)).code is JobCode.ACTIVE


def test_no_piece_of_an_answer_is_read_after_its_time() -> None:
    near, far = socket.socketpair()
    with near, far, far.makefile("rb", buffering=0) as raw:
        near.sendall(b"late")
        late, in_time = (_Until(raw, far, time.monotonic() + seconds) for seconds in (-0.001, 30))
        with pytest.raises(TimeoutError, match="took too long"):
            late.readinto(bytearray(4))
        assert in_time.readinto(bytearray(4)) == 4


def test_a_call_without_a_time_out_is_answered() -> None:
    with serving(b"OK") as url:
        assert ServiceSession(threads=1).get(url, timeout=None).text == "OK"
