"""Connections to storage accounts, as bindings name them: a connection string, or the app's identity.

Source: Microsoft Learn, "Azure Functions developer guide" (Connections; Common properties for identity-based
connections).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from azure.identity.aio import DefaultAzureCredential, ManagedIdentityCredential
from azure.storage.queue.aio import QueueServiceClient

from local.host.errors import SettingFault

_DEFAULT: Final = "AzureWebJobsStorage"
# What `UseDevelopmentStorage=true` stands for in .NET: the emulator's published account on its default port.
_EMULATOR: Final = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)


@dataclass(frozen=True, slots=True)
class ByConnectionString:
    """A storage account that the app reaches with a key or a signature."""

    text: str = field(repr=False)

    def open(self, **options: Any) -> QueueServiceClient:
        """A client for the account's queues."""
        return QueueServiceClient.from_connection_string(self.text, **options)


@dataclass(frozen=True, slots=True)
class ByIdentity:
    """A storage account that the app reaches with a token of its identity."""

    queue_service_uri: str
    is_managed: bool
    """Whether to use only the managed identity. Otherwise DefaultAzureCredential decides."""
    client_id: str | None
    """Of a user-assigned managed identity, or None."""

    def open(self, **options: Any) -> QueueServiceClient:
        """A client for the account's queues."""
        credential = (
            ManagedIdentityCredential(client_id=self.client_id) if self.is_managed else DefaultAzureCredential()
        )
        return QueueServiceClient(self.queue_service_uri, credential=credential, **options)


type Connection = ByConnectionString | ByIdentity


def read_connection(connection: str | None, settings: Mapping[str, str]) -> Connection:
    """The connection that a binding's `connection` names. Raises SettingFault if the settings have none."""
    name = connection or _DEFAULT
    candidates = (f"AzureWebJobs{name}", name)
    for candidate in candidates:
        if text := settings.get(candidate):
            return _by_connection_string(candidate, text)
    for candidate in candidates:
        account = settings.get(f"{candidate}__accountName")
        uri = settings.get(f"{candidate}__queueServiceUri") or (account and f"https://{account}.queue.core.windows.net")
        if uri:
            return ByIdentity(
                uri,
                is_managed=settings.get(f"{candidate}__credential", "").lower() == "managedidentity",
                client_id=settings.get(f"{candidate}__clientId"),
            )
    raise SettingFault(
        f"the storage connection {name} is not set: set {name}, {name}__queueServiceUri or {name}__accountName"
    )


def _by_connection_string(name: str, text: str) -> ByConnectionString:
    connection = ByConnectionString(_EMULATOR if text == "UseDevelopmentStorage=true" else text)
    try:
        connection.open()
    except ValueError as fault:
        # The message leaves out the value, which may hold a key.
        raise SettingFault(f"the storage connection {name} is not a connection string") from fault
    return connection
