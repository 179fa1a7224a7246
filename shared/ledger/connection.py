"""The connection to the ledger's storage account, by the settings from which the Functions host makes its own.

Source: Microsoft Learn, "Azure Functions developer guide" (Connections; Connecting to host storage with an identity;
Common properties for identity-based connections).
"""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any

from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableServiceClient
from azure.identity import DefaultAzureCredential, ManagedIdentityCredential

from shared.errors import InvalidSettings
from shared.graph.http_session import ServiceSession

if TYPE_CHECKING:
    from collections.abc import Mapping

    from azure.core.credentials import AccessToken, TokenCredential

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 10.0
"""Seconds to wait for a connection to the table service, and for its answer."""


def connect(name: str, environment: Mapping[str, str], threads: int) -> TableServiceClient:
    """The client of the connection with that name: thread-safe, a connection a thread, no retries of its own.

    `name` is a setting with a connection string, or else the prefix of settings such as name__tableServiceUri.
    Raises InvalidSettings.
    """
    options: dict[str, Any] = {"transport": _transport(threads), "retry_total": 0}
    try:
        for candidate in (f"AzureWebJobs{name}", name):
            if text := environment.get(candidate):
                return TableServiceClient.from_connection_string(text, **options)
        for candidate in (f"AzureWebJobs{name}", name):
            uri = _service_uri(candidate, environment)
            if uri is not None:
                credential = _OneAtATime(_credential(candidate, environment))
                return TableServiceClient(uri, credential=credential, **options)
    except ValueError as error:
        # The text of a connection string may be in the error: it holds a key.
        raise InvalidSettings([f"{name} is no connection to a storage account with tables"]) from error
    raise InvalidSettings(
        [f"{name} names no storage account with tables: set {name}, {name}__tableServiceUri or {name}__accountName"]
    )


def _service_uri(prefix: str, environment: Mapping[str, str]) -> str | None:
    uri = environment.get(f"{prefix}__tableServiceUri")
    account = environment.get(f"{prefix}__accountName")
    return uri or (f"https://{account}.table.core.windows.net" if account else None)


def _credential(prefix: str, environment: Mapping[str, str]) -> TokenCredential:
    if environment.get(f"{prefix}__credential", "").lower() != "managedidentity":
        return DefaultAzureCredential()
    resource_id = environment.get(f"{prefix}__managedIdentityResourceId")
    if resource_id:
        return ManagedIdentityCredential(identity_config={"resource_id": resource_id})
    return ManagedIdentityCredential(client_id=environment.get(f"{prefix}__clientId"))


class _OneAtATime:
    """A credential that one thread asks at a time: the others find the token in its cache."""

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential
        self._lock = Lock()

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        with self._lock:
            return self._credential.get_token(*scopes, **options)


def _transport(threads: int) -> RequestsTransport:
    return RequestsTransport(
        session=ServiceSession(threads),
        session_owner=False,
        connection_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
    )
