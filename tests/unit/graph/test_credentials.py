"""Tokens: one request at a time, a fresh one after a rejection."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError

from shared.errors import TokenUnavailable
from shared.graph import credentials
from shared.graph.credentials import BearerTokens, quiet_azure_loggers

SCOPE = "https://graph.microsoft.com/.default"


class IdentityEndpoint:
    """Stands behind credentials that cache as azure-identity's do; counts the requests that reach it."""

    def __init__(self) -> None:
        self.requests = 0
        self.fault: Exception | None = None

    def new_credential(self) -> Credential:
        return Credential(self)


class Credential:
    def __init__(self, endpoint: IdentityEndpoint) -> None:
        self._endpoint = endpoint
        self._cached: AccessToken | None = None

    def get_token(self, *scopes: str, **_: object) -> AccessToken:
        assert scopes == (SCOPE,)
        if self._cached is None:
            if self._endpoint.fault is not None:
                raise self._endpoint.fault
            self._endpoint.requests += 1
            number = self._endpoint.requests
            time.sleep(0.01)  # lets other threads in, as a network would
            self._cached = AccessToken(f"token-{number}", 0)
        return self._cached


@pytest.fixture
def endpoint() -> IdentityEndpoint:
    return IdentityEndpoint()


@pytest.fixture
def tokens(endpoint: IdentityEndpoint) -> BearerTokens:
    return BearerTokens(SCOPE, endpoint.new_credential)


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
    assert set(got) == {"token-2"}
    assert endpoint.requests == 2
    assert tokens.get() == "token-2"


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(CredentialUnavailableError("503\n  busy"), id="unavailable"),
        pytest.param(ClientAuthenticationError("503 busy"), id="refused"),
    ],
)
def test_every_identity_fault_is_transient(tokens: BearerTokens, endpoint: IdentityEndpoint, fault: Exception) -> None:
    endpoint.fault = fault
    with pytest.raises(TokenUnavailable, match=r"^503 busy$"):
        tokens.get()
    endpoint.fault = None
    assert tokens.get() == "token-1"


def test_a_thread_does_not_wait_for_another_for_ever(tokens: BearerTokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "LOCK_TIMEOUT", 0.01)
    with tokens._lock, ThreadPoolExecutor(1) as pool, pytest.raises(TokenUnavailable):
        pool.submit(tokens.get).result()
    assert tokens.get() == "token-1"


def test_azure_loggers_do_not_log_each_token() -> None:
    quiet_azure_loggers()
    assert not logging.getLogger("azure.identity").isEnabledFor(logging.INFO)
    assert not logging.getLogger("azure.core").isEnabledFor(logging.INFO)
