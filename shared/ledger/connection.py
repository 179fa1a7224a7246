"""The connection to the storage account, from the same settings that the Functions host uses.

Source: Microsoft Learn, "Azure Functions developer guide" (Connections; Connecting to host storage with an identity;
Common properties for identity-based connections).
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, cast

from azure.core.pipeline.transport import RequestsTransport

from shared.errors import InvalidSettings
from shared.graph.credentials import default_credential, managed_identity
from shared.graph.http_session import ServiceSession
from shared.graph.token_source import TokenSource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.graph.gate import Gate

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 10.0
"""Seconds to wait for a connection to a storage service, and for its answer."""


def connect[Client](
    client: type[Client], service: str, name: str, environment: Mapping[str, str], *, threads: int, identity: Gate
) -> Client:
    """A thread-safe client with one connection per thread, and without retries.

    `service` is "table" or "queue". `name` is a setting with a connection string, or the prefix of settings such as
    name__tableServiceUri. Raises InvalidSettings.
    """
    made: Any = client  # The clients of azure-data-tables and azure-storage-queue have the same constructors.
    options: dict[str, Any] = {"transport": _transport(threads), "retry_total": 0}
    try:
        for candidate in (f"AzureWebJobs{name}", name):
            if text := environment.get(candidate):
                return cast("Client", made.from_connection_string(text, **options))
        for candidate in (f"AzureWebJobs{name}", name):
            uri = _service_uri(service, candidate, environment)
            if uri is not None:
                return cast("Client", made(uri, credential=_credential(candidate, environment, identity), **options))
    except ValueError as error:
        # The error may quote the connection string, which has a key. So our message leaves it out.
        raise InvalidSettings([f"{name} is not a connection to a storage account with {service}s"]) from error
    uris = f"set {name}, {name}__{service}ServiceUri or {name}__accountName"
    raise InvalidSettings([f"{name} names no storage account with {service}s: {uris}"])


def _service_uri(service: str, prefix: str, environment: Mapping[str, str]) -> str | None:
    uri = environment.get(f"{prefix}__{service}ServiceUri")
    account = environment.get(f"{prefix}__accountName")
    return uri or (f"https://{account}.{service}.core.windows.net" if account else None)


def _credential(prefix: str, environment: Mapping[str, str], identity: Gate) -> TokenSource:
    if environment.get(f"{prefix}__credential", "").lower() != "managedidentity":
        return TokenSource(default_credential, identity)
    new_credential = partial(
        managed_identity,
        client_id=environment.get(f"{prefix}__clientId"),
        resource_id=environment.get(f"{prefix}__managedIdentityResourceId"),
    )
    return TokenSource(new_credential, identity)


def _transport(threads: int) -> RequestsTransport:
    return RequestsTransport(
        session=ServiceSession(threads),
        session_owner=False,
        connection_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
    )
