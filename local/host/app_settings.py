"""App settings: environment variables, which bindings name as %NAME%."""

import re
from collections.abc import Mapping
from typing import Final

from local.host.errors import SettingFault

_NAME: Final = re.compile(r"%([^%]+)%")
_QUEUE_NAME: Final = re.compile(r"[a-z0-9](?:-?[a-z0-9])*")


def resolve(text: str, settings: Mapping[str, str]) -> str:
    """Replace each %NAME% by the setting's value. Raises SettingFault if it is not set."""

    def value(match: re.Match[str]) -> str:
        if not (setting := settings.get(match[1])):
            raise SettingFault(f"%{match[1]}% is not set")
        return setting

    return _NAME.sub(value, text)


def is_queue_name(name: str) -> bool:
    """Whether this is a valid name for a queue in Azure Storage."""
    return 3 <= len(name) <= 63 and _QUEUE_NAME.fullmatch(name) is not None
