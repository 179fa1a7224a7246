"""Bearer tokens for Microsoft Graph, from azure-identity."""

from __future__ import annotations

import logging
from threading import Lock
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError
from azure.identity import DefaultAzureCredential

from shared.errors import TokenUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import TokenCredential

LOCK_TIMEOUT = 60.0
"""Seconds that a thread waits for another one's token request before it gives up for now."""


class BearerTokens:
    """The tokens of one scope, for all threads of the process.

    azure-identity caches tokens and renews them in time, but eight threads that ask at once make eight
    requests of the identity endpoint: so one thread asks at a time. A cached token is handed out in microseconds.
    """

    def __init__(self, scope: str, new_credential: Callable[[], TokenCredential] = DefaultAzureCredential) -> None:
        self._scope = scope
        self._new_credential = new_credential
        self._credential = new_credential()
        self._lock = Lock()
        self._token = ""

    def get(self) -> str:
        """A valid token. Raises TokenUnavailable."""
        return self._locked(rejected=None)

    def replace(self, rejected: str, *, claims: str | None = None) -> str:
        """A token that is not the rejected one, if there is any other. Raises TokenUnavailable.

        A new credential has an empty cache; threads whose token was rejected together make one request. `claims` are
        what a policy asks of the token, as JSON; managed identities ignore them.
        """
        return self._locked(rejected=rejected, claims=claims)

    def _locked(self, rejected: str | None, claims: str | None = None) -> str:
        if not self._lock.acquire(timeout=LOCK_TIMEOUT):
            raise TokenUnavailable("Another thread has been waiting for the identity endpoint for too long")
        try:
            if rejected is not None and rejected == self._token:
                self._credential = self._new_credential()
            # Only where there are claims: not every credential takes them.
            options: dict[str, Any] = {} if claims is None else {"claims": claims}
            self._token = self._credential.get_token(self._scope, **options).token
        except AzureError as error:
            raise TokenUnavailable(" ".join(str(error).split())) from error
        else:
            return self._token
        finally:
            self._lock.release()


def quiet_azure_loggers() -> None:
    """Keep azure-identity from logging two lines a token, which costs more than the token itself."""
    for name in ("azure.core", "azure.identity"):
        logging.getLogger(name).setLevel(logging.ERROR)
