"""The credentials of the app, from azure-identity, and the bearer tokens for Microsoft Graph."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from shared.graph.token_source import TokenSource

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

    from shared.graph.gate import Gate
    from shared.graph.token_source import IdentityAnswer


def default_credential(answer: IdentityAnswer) -> TokenCredential:
    """The credential that the environment sets, by azure-identity's rules. It does not retry; its callers do."""
    return DefaultAzureCredential(transport=answer.transport(), retry_total=0)


def managed_identity(
    answer: IdentityAnswer, *, client_id: str | None = None, resource_id: str | None = None
) -> TokenCredential:
    """The managed identity with the given id, or else the app's only one."""
    options = {"transport": answer.transport(), "retry_total": 0}
    if resource_id:
        return ManagedIdentityCredential(identity_config={"resource_id": resource_id}, **options)
    return ManagedIdentityCredential(client_id=client_id, **options)


class BearerTokens:
    """The tokens of one scope, for all threads of the process."""

    def __init__(self, scope: str, source: TokenSource) -> None:
        self._scope = scope
        self._source = source

    @classmethod
    def of_app(cls, scope: str, gate: Gate) -> BearerTokens:
        """The tokens of the identity that the environment sets."""
        return cls(scope, TokenSource(default_credential, gate))

    def get(self) -> str:
        """A valid token. Raises TokenUnavailable or ServiceAway."""
        return self._source.get_token(self._scope).token

    def replace(self, rejected: str, *, claims: str | None = None) -> str:
        """A token other than the rejected one, if there is one. Raises TokenUnavailable or ServiceAway.

        Threads that have the same token rejected share one request. A token is replaced at most once per minute.
        `claims` are what a policy requires of the token, as JSON; managed identities ignore them.
        """
        # Not every credential has the option, so it is passed only if needed.
        options: dict[str, Any] = {} if claims is None else {"claims": claims}
        return self._source.replace(rejected, self._scope, **options).token


def quiet_azure_loggers() -> None:
    """Keep azure-identity from logging two lines per token, which costs more than getting a cached token."""
    for name in ("azure.core", "azure.identity"):
        logging.getLogger(name).setLevel(logging.ERROR)
