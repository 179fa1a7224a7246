"""Tokens: one request at a time and within a limit, a new one after a rejection, and a valid one during an outage."""

from __future__ import annotations

import http.server
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from threading import Event
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError

from shared.errors import TokenUnavailable
from shared.graph.credentials import BearerTokens, default_credential, managed_identity, quiet_azure_loggers
from shared.graph.token_source import RENEW_AGAIN, TokenSource
from tests.unit.open_gate import OpenGate

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.graph.token_source import IdentityAnswer

SCOPE = "https://graph.microsoft.com/.default"
LIFETIME = 86_400


@dataclass
class IdentityEndpoint:
    """The endpoint that credentials call. It counts its requests."""

    now: float = field(default_factory=time.time)
    requests: int = 0
    fault: Exception | None = None
    answers: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.answers.set()

    def clock(self) -> float:
        return self.now

    def new_credential(self, _answer: IdentityAnswer) -> IdentityEndpoint:
        return self

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        assert scopes == (SCOPE,)
        self.requests += 1
        number = self.requests
        time.sleep(0.01)  # lets other threads in, as a network would
        self.answers.wait(30)
        if self.fault is not None:
            raise self.fault
        return AccessToken(f"token-{number}", int(self.now) + LIFETIME)


@pytest.fixture
def endpoint() -> Iterator[IdentityEndpoint]:
    endpoint = IdentityEndpoint()
    yield endpoint
    endpoint.answers.set()


@pytest.fixture
def gate() -> OpenGate:
    return OpenGate()


@pytest.fixture
def tokens(endpoint: IdentityEndpoint, gate: OpenGate) -> BearerTokens:
    return BearerTokens(SCOPE, TokenSource(endpoint.new_credential, gate, clock=endpoint.clock))


def test_cold_threads_make_one_request(tokens: BearerTokens, endpoint: IdentityEndpoint) -> None:
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: tokens.get(), range(8)))
    assert set(got) == {"token-1"}
    assert endpoint.requests == 1


def test_threads_whose_token_was_rejected_together_make_one_request(
    tokens: BearerTokens, endpoint: IdentityEndpoint
) -> None:
    rejected = tokens.get()
    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(lambda _: tokens.replace(rejected), range(8)))
    assert got[-1] == tokens.get() == "token-2"
    assert endpoint.requests == 2


def test_a_rejected_token_is_replaced_once_a_minute(tokens: BearerTokens, endpoint: IdentityEndpoint) -> None:
    rejected = tokens.replace(tokens.get())
    assert tokens.replace(rejected) == rejected
    endpoint.now += RENEW_AGAIN + 1
    assert tokens.replace(rejected) != rejected


def test_a_rejected_token_is_not_used_on_because_its_replacement_failed_once(
    tokens: BearerTokens, endpoint: IdentityEndpoint
) -> None:
    rejected = tokens.get()
    endpoint.fault = CredentialUnavailableError("500")
    with pytest.raises(TokenUnavailable):
        tokens.replace(rejected)
    endpoint.fault = None
    assert tokens.replace(rejected) == "token-3"


@pytest.mark.parametrize(
    "fault",
    [
        CredentialUnavailableError("503\n  busy"),
        ClientAuthenticationError("503 busy"),
        ValueError("invalid literal"),
        AttributeError("x"),
    ],
)
def test_every_identity_fault_means_no_token(
    tokens: BearerTokens, endpoint: IdentityEndpoint, gate: OpenGate, fault: Exception
) -> None:
    endpoint.fault = fault
    with pytest.raises(TokenUnavailable, match=r"^503 busy$|^the identity endpoint answered \((Value|Attribute)Error"):
        tokens.get()
    endpoint.fault = None
    assert tokens.get() == "token-2"
    assert [told == "answered" for told in gate.told] == [False, True]


def test_wait_for_a_token_is_limited(endpoint: IdentityEndpoint, gate: OpenGate) -> None:
    source = TokenSource(endpoint.new_credential, gate, limit=0.05)
    endpoint.answers.clear()
    with ThreadPoolExecutor(4) as pool:
        asking = [pool.submit(source.get_token, SCOPE) for _ in range(4)]
        for each in asking:
            with pytest.raises(TokenUnavailable, match="gave no answer"):
                each.result(10)
    assert endpoint.requests == 1
    endpoint.answers.set()
    assert source.get_token(SCOPE).token in ("token-1", "token-2")


def test_a_token_that_is_still_valid_is_used_on_while_the_endpoint_is_away(
    tokens: BearerTokens, endpoint: IdentityEndpoint
) -> None:
    assert tokens.get() == "token-1"
    endpoint.now += LIFETIME - 200
    endpoint.fault = CredentialUnavailableError("500")
    assert [tokens.get(), tokens.get()] == ["token-1", "token-1"]
    assert endpoint.requests == 2
    endpoint.now += RENEW_AGAIN + 1
    endpoint.fault = None
    assert tokens.get() == "token-3"


def test_a_token_that_is_about_to_expire_is_not_used(tokens: BearerTokens, endpoint: IdentityEndpoint) -> None:
    tokens.get()
    endpoint.now += LIFETIME - 30
    endpoint.fault = CredentialUnavailableError("500")
    with pytest.raises(TokenUnavailable):
        tokens.get()


class _Endpoint(http.server.BaseHTTPRequestHandler):
    status, body = 200, b""
    asked = ""

    def do_GET(self) -> None:
        type(self).asked = self.path
        self.send_response(self.status)
        self.send_header("Content-Length", str(len(self.body)))
        self.send_header("Retry-After", "3600")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's
        """Log nothing."""


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int, bytes], None]]:
    """An identity endpoint like that of App Service."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("IDENTITY_ENDPOINT", f"http://127.0.0.1:{server.server_port}/msi/token")
    monkeypatch.setenv("IDENTITY_HEADER", "header")
    monkeypatch.setenv("AZURE_TOKEN_CREDENTIALS", "ManagedIdentityCredential")

    def answer(status: int, body: bytes) -> None:
        _Endpoint.status, _Endpoint.body = status, body

    yield answer
    server.shutdown()
    server.server_close()


UNKNOWN = "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."


@pytest.mark.parametrize("new_credential", [default_credential, managed_identity])
@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (500, b"", "answered 500 "),
        (403, b"Forbidden by policy", "answered 403 Forbidden by policy"),
        (429, b'{"statusCode":429,"message":"Temporarily throttled, too many requests"}', "429 Temporarily throttled"),
        (500, b"<!DOCTYPE html><title>Error</title>", "answered 500 <!DOCTYPE"),
        (400, f'{{"statusCode":400,"message":"{UNKNOWN}"}}'.encode(), f"answered 400 {UNKNOWN}"),
        (200, b'{"access_token": "secret", "expires_on": "11/24/2026 10:00:00 AM +00:00"}', "without a token"),
        (200, b'{"access_token": "secret", "expi', "answered 200 without a token"),
        (200, b"[]", "answered 200 without a token"),
    ],
)
def test_missing_token_is_reported_at_once_with_the_endpoints_error(  # noqa: PLR0917 - the table's columns
    answering: Callable[[int, bytes], None],
    gate: OpenGate,
    new_credential: Callable[[IdentityAnswer], IdentityEndpoint],
    status: int,
    body: bytes,
    words: str,
) -> None:
    answering(status, body)
    source = TokenSource(new_credential, gate)
    began = time.monotonic()
    with pytest.raises(TokenUnavailable) as caught:
        source.get_token(SCOPE)
    assert words in str(caught.value) + " "
    assert "secret" not in str(caught.value)
    assert time.monotonic() - began < 5, "no thread waits for an hour of Retry-After"
    answering(200, b'{"access_token": "good", "expires_on": "4102444800", "token_type": "Bearer"}')
    assert source.get_token(SCOPE).token == "good"


def test_azure_loggers_do_not_log_each_token() -> None:
    quiet_azure_loggers()
    assert not logging.getLogger("azure.identity").isEnabledFor(logging.INFO)
    assert not logging.getLogger("azure.core").isEnabledFor(logging.INFO)


def test_a_fault_that_comes_after_the_limit_is_told_once(endpoint: IdentityEndpoint, gate: OpenGate) -> None:
    source = TokenSource(endpoint.new_credential, gate, limit=0.05)
    endpoint.fault = CredentialUnavailableError("500")
    endpoint.answers.clear()
    with pytest.raises(TokenUnavailable, match="gave no answer"):
        source.get_token(SCOPE)
    endpoint.answers.set()
    for thread in threading.enumerate():
        if thread.name == "token":
            thread.join(10)
    assert len(gate.told) == 1
    assert "gave no answer" in gate.told[0]


def test_an_identity_is_asked_for_by_its_resource_id_where_the_connection_names_one(
    answering: Callable[[int, bytes], None], gate: OpenGate
) -> None:
    answering(200, b'{"access_token": "good", "expires_on": "4102444800", "token_type": "Bearer"}')
    identity = "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/start"
    TokenSource(partial(managed_identity, resource_id=identity), gate).get_token(SCOPE)
    assert parse_qs(urlsplit(_Endpoint.asked).query)["mi_res_id"] == [identity]
