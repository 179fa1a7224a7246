"""The whole system on one machine: storage, the simulated cloud, and the app in one or more Functions hosts."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from local.app_client import AppClient
from local.azurite import Azurite
from local.cloud_part import CloudPart
from local.environment import REPOSITORY
from local.host_part import HostPart
from local.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.part import Part

# At the end nothing is left to save: what still runs then is not waited for.
_GRACE_SECONDS: Final = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run the system. None: what host.json says."""

    lease: int | None = None
    """Seconds that a message is leased to a host; a dead host's message comes back after it."""
    visibility: float | None = None
    """Seconds until a message whose function failed is delivered again."""
    max_poll: float | None = None
    """Longest pause between two looks at an empty queue, in seconds."""
    max_dequeue: int | None = None
    """How often a message is tried."""
    threads: int | None = None
    """How many invocations of an instance run at once."""
    hosts: int = 1
    """How many instances of the app share the queues; 0: none, to run the app in another way."""
    app: Path = REPOSITORY
    settings: Mapping[str, str] = field(default_factory=dict)
    """App settings beside those that the system itself needs."""
    tables_through_cloud: bool = False
    """Let the app reach the tables through the simulated cloud, so that faults can meet it there."""
    host_log: bool = False
    """Let the hosts log to stderr of this process, not to a file."""

    def host_arguments(self) -> list[str]:
        """As options of `python -m local.host`."""
        given = {
            "--lease": self.lease,
            "--visibility": self.visibility,
            "--max-poll": self.max_poll,
            "--max-dequeue": self.max_dequeue,
            "--threads": self.threads,
        }
        return [text for name, value in given.items() if value is not None for text in (name, str(value))]


class LocalSystem:
    """A context manager: everything is up inside it, and gone after it, with its data.

    Each part can be stopped, killed and started again: `azurite`, `cloud`, each of `hosts`. `app` speaks to the app as
    its users do, `simulation` to the simulated cloud as nobody does in Azure.
    """

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self._ends = ExitStack()
        self.function_key = secrets.token_urlsafe(32)
        self.hosts: list[HostPart] = []

    def __enter__(self) -> Self:
        """Start everything. Raises ProcessFailed, with nothing left running."""
        with self._ends:
            self._start()
            # Up: what was meant for a failure is kept for the end.
            self._ends = self._ends.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.close()

    @property
    def storage(self) -> str:
        """The connection string of the storage account."""
        return self.azurite.connection_string

    @property
    def functions(self) -> str:
        """The URL of the first host."""
        return self.hosts[0].url

    @property
    def graph(self) -> str:
        """The URL of the simulated Graph, which has /_sim too."""
        return self.cloud.graph

    @property
    def identity(self) -> str:
        """The URL of the identity server's tokens."""
        return self.cloud.identity

    @property
    def settings(self) -> dict[str, str]:
        """The app settings with which the app runs on this system, whatever host it runs in."""
        tables = {"Table": self.cloud.tables} if self._options.tables_through_cloud else {}
        return {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            "AzureWebJobsStorage": self.azurite.connection_string_with(tables),
            "GRAPH_ENDPOINT": self.graph,
            "IDENTITY_ENDPOINT": self.identity,
            "IDENTITY_HEADER": self.cloud.identity_header,
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "PYTHON_THREADPOOL_THREAD_COUNT": "32",
            **self._options.settings,
        }

    def _start(self) -> None:
        self.directory = Path(
            self._ends.enter_context(
                tempfile.TemporaryDirectory(prefix="start-job-function-", ignore_cleanup_errors=True)
            )
        )
        """Where data and logs are."""
        self.azurite = Azurite(self.directory / "storage", self.directory / "azurite.log")
        self.cloud = CloudPart(self.directory / "cloud.log", self.azurite)
        self._run(self.azurite)
        self._run(self.cloud)
        self.hosts = [
            HostPart(
                self._options.app,
                None if self._options.host_log else self.directory / f"host-{number}.log",
                settings=self.settings,
                function_key=self.function_key,
                arguments=self._options.host_arguments(),
            )
            for number in range(1, self._options.hosts + 1)
        ]
        self._run(*self.hosts)
        self.simulation = self._ends.enter_context(Simulation(self.graph))
        self.app = self._ends.enter_context(
            AppClient(
                self.storage,
                functions=self.functions if self.hosts else None,
                function_key=self.function_key,
                settings=self.settings,
            )
        )

    def _run(self, *parts: Part) -> None:
        """Start them side by side."""
        for part in parts:
            self._ends.callback(part.stop, grace=_GRACE_SECONDS)
            part.launch()
        for part in parts:
            part.wait()
