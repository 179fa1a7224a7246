"""The simulated cloud (`local.cloud`) as a part of the local system."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from local.parts.environment import python_environment, python_module
from local.parts.part import Part
from local.parts.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local.parts.azurite import Azurite
    from local.parts.processes import ChildProcess


class CloudPart(Part):
    """Graph, managed identity and the way to storage. Jobs, faults, calls and tokens are lost when it stops."""

    name: ClassVar[str] = "the simulated cloud"

    def __init__(self, log: Path | None, azurite: Azurite | None = None) -> None:
        """`azurite` must be ready before this starts. None means no storage."""
        super().__init__(log)
        self.graph = ""
        self.identity = ""
        self.tables = ""
        self.queues = ""
        self.identity_header = secrets.token_urlsafe(32)
        self._azurite = azurite

    def _command(self) -> Sequence[str]:
        ports = {
            "--graph-port": self.graph,
            "--identity-port": self.identity,
            "--tables-port": self.tables,
            "--queues-port": self.queues,
        }
        given = [f"{name}={urlsplit(url).port or free_port()}" for name, url in ports.items()]
        if self._azurite is not None:
            given.append(f"--tables-behind={self._azurite.root('Table')}")
            given.append(f"--queues-behind={self._azurite.root('Queue')}")
        # One argument with "=", because a random value may begin with a hyphen.
        return [*python_module("local.cloud"), *given, f"--identity-header={self.identity_header}"]

    def _environment(self) -> Mapping[str, str]:
        return python_environment()

    def _read(self, process: ChildProcess, timeout: float) -> None:
        line = json.loads(process.read_until("{", timeout=timeout))
        self.graph, self.identity = line["graph"], line["identity"]
        self.tables, self.queues = line["tables"], line["queues"]
