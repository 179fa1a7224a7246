"""The simulated cloud (`local.cloud`) as a part of the local system."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from local.environment import python_environment, python_module
from local.part import Part

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from local.processes import ChildProcess


class CloudPart(Part):
    """Graph, the managed identity, and the way to the tables. Jobs, faults, calls and tokens are gone when it stops."""

    name: ClassVar[str] = "the simulated cloud"

    def __init__(self, log: Path | None, tables: Callable[[], str]) -> None:
        """`tables` says where the tables really are; it is asked at each start."""
        super().__init__(log)
        self.graph = ""
        self.identity = ""
        self.tables = ""
        self.identity_header = secrets.token_urlsafe(32)
        self._tables = tables

    def _command(self) -> Sequence[str]:
        ports = {"--graph-port": self.graph, "--identity-port": self.identity, "--tables-port": self.tables}
        given = [f"{name}={urlsplit(url).port or 0}" for name, url in ports.items()]
        behind = f"--tables-behind={self._tables()}"
        # One word: a random value may begin with a hyphen.
        return [*python_module("local.cloud"), *given, behind, f"--identity-header={self.identity_header}"]

    def _environment(self) -> Mapping[str, str]:
        return python_environment()

    def _read(self, process: ChildProcess, timeout: float) -> None:
        line = json.loads(process.read_until("{", timeout=timeout))
        self.graph, self.identity, self.tables = line["graph"], line["identity"], line["tables"]
