"""App settings: environment variables that bindings name, as %NAME% or as a connection."""

import re
from collections.abc import Mapping
from typing import Final

from azure.storage.queue import QueueServiceClient

from local.host.errors import SettingFault

_DEFAULT_CONNECTION: Final = "AzureWebJobsStorage"
# The emulator's well-known account on its default port, which .NET knows by a short name.
_EMULATOR: Final = (
    "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;"
    "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;"
    "QueueEndpoint=http://127.0.0.1:10001/devstoreaccount1;"
)
_NAME: Final = re.compile(r"%([^%]+)%")
_QUEUE_NAME: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Put settings in place of each %NAME%."""

    def value(match: re.Match[str]) -> str:
        if not (setting := settings.get(match[1])):
            raise SettingFault(f"%{match[1]}% is not set")
        return setting

    return _NAME.sub(value, text)


def connection_string(connection: str | None, settings: Mapping[str, str]) -> str:
    """Return the connection string that a binding's `connection` names."""
    name = connection or _DEFAULT_CONNECTION
    for candidate in (f"AzureWebJobs{name}", name):
        if value := settings.get(candidate):
            return _checked(candidate, value)
    hint = ""
    if any(setting.startswith((f"{name}__", f"{name}:")) for setting in settings):
        hint = "; this host takes connection strings only, no identity-based connection"
    raise SettingFault(f"the storage connection {name} is not set{hint}")


def _checked(name: str, value: str) -> str:
    if value == "UseDevelopmentStorage=true":
        return _EMULATOR
    try:
        QueueServiceClient.from_connection_string(value).close()
    except ValueError as fault:
        # Without the value: it may hold a key.
        raise SettingFault(f"the storage connection {name} is not a connection string") from fault
    return value


def is_queue_name(name: str) -> bool:
    """Whether Azure Storage takes this as the name of a queue."""
    return 3 <= len(name) <= 63 and _QUEUE_NAME.fullmatch(name) is not None
