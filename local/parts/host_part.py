"""The Functions host (`local.host`) as a part of the local system."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from local.parts.environment import python_environment, python_module
from local.parts.part import Part
from local.parts.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local.parts.processes import ChildProcess


class HostPart(Part):
    """One instance of the app."""

    name: ClassVar[str] = "the Functions host"

    def __init__(
        self, app: Path, log: Path | None, *, settings: Mapping[str, str], function_key: str, arguments: Sequence[str]
    ) -> None:
        super().__init__(log)
        self.url = ""
        self.settings = dict(settings)
        """The app settings: what changes here holds from the next start on."""
        self._app = app
        self._function_key = function_key
        self._arguments = arguments

    def _command(self) -> Sequence[str]:
        port = str(urlsplit(self.url).port or free_port())
        # One word each: a random key may begin with a hyphen.
        given = [f"--app={self._app}", f"--port={port}", f"--function-key={self._function_key}"]
        return [*python_module("local.host"), *given, *self._arguments]

    def _environment(self) -> Mapping[str, str]:
        return python_environment() | self.settings

    def _read(self, process: ChildProcess, timeout: float) -> None:
        self.url = json.loads(process.read_until("{", timeout=timeout))["functions"]
