"""The page (`local.page`) as a part of the local system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from local.parts.environment import python_environment, python_module
from local.parts.part import Part
from local.parts.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local.parts.processes import ChildProcess

SETTINGS: Final = {
    "APPLICATION_NAMES": "true",
    "CREDENTIAL_CHECK": "true",
    "RECOVERY_SCHEDULE": "*/2 * * * * *",
    "GIVE_UP_AFTER": "0.03",
    "START_LIMIT": "10",
}
"""App settings that show the most. Credentials are tried, and a start is followed up within seconds. A request waits
for less than two minutes, and a job may be started often."""


class PagePart(Part):
    """The page, for a person with a browser. It keeps nothing when it stops."""

    name: ClassVar[str] = "the page"

    def __init__(self, log: Path | None, system: Mapping[str, object]) -> None:
        """`system` is the information about other parts that `local.page` needs."""
        super().__init__(log)
        self.url = ""
        self._system = system

    def _command(self) -> Sequence[str]:
        return python_module("local.page")

    def _environment(self) -> Mapping[str, str]:
        # Not an argument: every user of the machine can read arguments, and this has a function key in it.
        system = {**self._system, "port": urlsplit(self.url).port or free_port()}
        return {**python_environment(), "LOCAL_SYSTEM": json.dumps(system)}

    def _read(self, process: ChildProcess, timeout: float) -> None:
        self.url = json.loads(process.read_until("{", timeout=timeout))["page"]
