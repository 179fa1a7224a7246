"""Which of the app's settings a local system takes from the shell, so that they can be tried here."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Final

from shared.configuration import Configuration
from shared.errors import InvalidSettings
from shared.settings import NOTIFY_PREFIX, SECRET_PREFIX, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

OF_THE_SYSTEM: Final = frozenset({"GRAPH_ENDPOINT", "QUEUE_CONNECTION"})
"""Settings that the local system makes itself. A GRAPH_ENDPOINT in the shell may be the real one."""

_PREFIXES: Final = (SECRET_PREFIX, NOTIFY_PREFIX)
_NAMES: Final = frozenset(each.metadata["name"] for each in fields(Settings) if "name" in each.metadata) - OF_THE_SYSTEM


def shell_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The app's settings in the environment. Raises InvalidSettings, which names all that are wrong."""
    found = {name: value for name, value in sorted(environment.items()) if value.strip() and is_taken_over(name)}
    if faults := Configuration.read(found).faults:
        raise InvalidSettings(faults)
    return found


def is_taken_over(name: str) -> bool:
    """Whether the variable is a setting of the app that the local system takes from the shell."""
    return name in _NAMES or name.startswith(_PREFIXES)
