"""The whole system on one machine: storage, the simulated cloud, and the app in one or more Functions hosts."""

from __future__ import annotations

import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from local.client.app_client import AppClient
from local.client.simulation import Simulation
from local.client.told import ToldClient
from local.parts.azurite import Azurite
from local.parts.certificate import make_certificate
from local.parts.cloud_part import CloudPart
from local.parts.environment import REPOSITORY
from local.parts.host_part import HostPart
from local.parts.page_part import SETTINGS as PAGE_SETTINGS
from local.parts.page_part import PagePart
from local.parts.platform import Platform
from local.parts.processes import ProcessFailed
from local.parts.targets_part import TargetsPart
from shared.settings import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.parts.certificate import Certificate
    from local.parts.part import Part

# Nothing has to be saved at the end, so that a part that does not stop is killed early.
_GRACE_SECONDS: Final = 3.0


_QUEUES: Final = frozenset({"START_REQUESTS_QUEUE", "START_STATUS_QUEUE"})

GIVE_UP_AFTER: Final = "0.003"
"""In hours: eleven seconds, where the app's default is a day. A person at a terminal does not wait that long. Without
this, Graph would have to refuse a call for ten minutes before an event says so."""

IDENTITY_CLIENT_ID: Final = "0d6f2a94-3c1b-4e58-b7a0-9e4f5d2c8b16"
"""The client id of the app's user-assigned identity, if it reaches storage with one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How to run the system. None means the value in host.json."""

    lease: int | None = None
    """Seconds that a message is leased to a host. After that, the message of a dead host is delivered again."""
    visibility: float | None = None
    """Seconds until a message whose function failed is delivered again."""
    max_poll: float | None = None
    """The longest pause between two polls of an empty queue, in seconds."""
    max_dequeue: int | None = None
    """How often a message is tried."""
    threads: int | None = None
    """How many invocations an instance runs at once."""
    hosts: int = 1
    """How many instances of the app share the queues. 0 starts none, for an app that runs elsewhere."""
    port: int | None = None
    """The port of the first instance. None takes a free port."""
    app: Path = REPOSITORY
    shell_settings: Mapping[str, str] = field(default_factory=dict)
    """App settings from the shell. Those of `targets` take precedence."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """More app settings. They take precedence over all others."""
    storage_through_cloud: bool = False
    """Let app and host reach tables and queues through the simulated cloud, so that faults can be injected."""
    identity_connection: bool = False
    """Let the app reach storage over HTTPS with its managed identity, as in Azure, instead of a connection string."""
    targets: bool = False
    """Start stand-ins for chat and ticket systems, and set the app up to notify all of them."""
    slack_thread: bool = False
    """Let the app post to Slack with a token instead of a webhook."""
    page: bool = False
    """Serve the page on which a person sees the system work (`local.page`). It needs a host. It implies `targets`, and
    sets the app up to show more."""
    host_log: bool = False
    """Let the hosts log to the stderr of this process instead of a file."""

    def host_arguments(self) -> list[str]:
        """These options as arguments of `python -m local.host`."""
        given = {
            "--lease": self.lease,
            "--visibility": self.visibility,
            "--max-poll": self.max_poll,
            "--max-dequeue": self.max_dequeue,
            "--threads": self.threads,
        }
        return [text for name, value in given.items() if value is not None for text in (name, str(value))]


class LocalSystem:
    """A context manager that starts everything, and at the end stops it and deletes its data.

    Each part can be stopped, killed and started again: `azurite`, `cloud`, each of `hosts`. `app` is a client of the
    app as its users are; `simulation` controls the simulated cloud.
    """

    def __init__(self, options: Options | None = None) -> None:
        self._options = options or Options()
        self._ends = ExitStack()
        self.function_key = secrets.token_urlsafe(32)
        self.hosts: list[HostPart] = []
        self._certificate: Certificate | None = None
        self.targets: TargetsPart | None = None
        self._told: ToldClient | None = None
        self.page: PagePart | None = None

    def __enter__(self) -> Self:
        """Start everything. Raises ProcessFailed, after stopping what was started."""
        with self._ends:
            self._start()
            # All is up, so that what was to be stopped on a failure is now stopped at the end.
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
        """The URL of the simulated Graph. It also serves /_sim."""
        return self.cloud.graph

    @property
    def identity(self) -> str:
        """The URL of the identity endpoint."""
        return self.cloud.identity

    @property
    def settings(self) -> dict[str, str]:
        """The settings that the app needs on this system, in any host."""
        return {
            "FUNCTIONS_WORKER_RUNTIME": "python",
            **self._storage_settings,
            "GRAPH_ENDPOINT": self.graph,
            "IDENTITY_ENDPOINT": self.identity,
            "IDENTITY_HEADER": self.cloud.identity_header,
            "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
            "PYTHON_THREADPOOL_THREAD_COUNT": "12",
            "GIVE_UP_AFTER": GIVE_UP_AFTER,
            **(PAGE_SETTINGS if self._options.page else {}),
            **self._options.shell_settings,
            **self._target_settings,
            **self._options.settings,
        }

    @property
    def _target_settings(self) -> dict[str, str]:
        if self.targets is None:
            return {}
        if not self._options.slack_thread:
            return self.targets.settings
        others = {name: value for name, value in self.targets.settings.items() if name != "NOTIFY_SLACK"}
        return {**others, **self.targets.slack_thread}

    @property
    def told(self) -> ToldClient:
        """What people were notified of. Raises ProcessFailed if there are no stand-ins."""
        if self._told is None:
            raise ProcessFailed("this system was started without stand-ins of what the app tells")
        return self._told

    @property
    def _storage_settings(self) -> dict[str, str]:
        if self._certificate is None:
            through = {"Table": self.cloud.tables, "Queue": self.cloud.queues}
            roots = through if self._options.storage_through_cloud else {}
            return {"AzureWebJobsStorage": self.azurite.connection_string_with(roots)}
        # As infra/function-app.bicep sets them.
        return {
            "AzureWebJobsStorage__credential": "managedidentity",
            "AzureWebJobsStorage__clientId": IDENTITY_CLIENT_ID,
            "AzureWebJobsStorage__queueServiceUri": self.azurite.service_uri("Queue"),
            "AzureWebJobsStorage__tableServiceUri": self.azurite.service_uri("Table"),
            "AZURE_CLIENT_ID": IDENTITY_CLIENT_ID,
            **self._certificate.trust,
        }

    def _start(self) -> None:
        self.directory = Path(
            self._ends.enter_context(
                tempfile.TemporaryDirectory(prefix="start-job-function-", ignore_cleanup_errors=True)
            )
        )
        """Where data and logs are."""
        if self._options.identity_connection:
            self._certificate = make_certificate(self.directory)
        self.azurite = Azurite(self.directory / "storage", self.directory / "azurite.log", self._certificate)
        self.cloud = CloudPart(self.directory / "cloud.log", self.azurite)
        self._run(self.azurite)
        self._run(self.cloud)
        if self._options.targets or self._options.page:
            self.targets = TargetsPart(self.directory / "targets.log")
            self._run(self.targets)
            self._told = self._ends.enter_context(ToldClient(self.targets.control))
        self.hosts = [
            HostPart(
                self._options.app,
                None if self._options.host_log else self.directory / f"host-{number}.log",
                settings=self.settings,
                function_key=self.function_key,
                arguments=self._options.host_arguments(),
                port=self._options.port if number == 1 else None,
            )
            for number in range(1, self._options.hosts + 1)
        ]
        self._run(*self.hosts)
        if self._options.page:
            self.page = PagePart(self.directory / "page.log", self._seen_by_page)
            self._run(self.page)
        self.platform = self._ends.enter_context(Platform(self.hosts))
        self.simulation = self._ends.enter_context(Simulation(self.graph))
        self.app = self._ends.enter_context(
            AppClient(
                self.storage,
                functions=self.functions if self.hosts else None,
                function_key=self.function_key,
                settings=self.settings,
                certificate=self._certificate.certificate if self._certificate is not None else None,
            )
        )

    @property
    def _seen_by_page(self) -> dict[str, object]:
        return {
            "functions": self.functions,
            "functionKey": self.function_key,
            "storage": self.storage,
            "graph": self.graph,
            "targets": self.targets.control if self.targets is not None else None,
            "settings": {
                name: value
                for name, value in self.settings.items()
                if name.startswith(SECRET_PREFIX) or name in _QUEUES
            },
        }

    def _run(self, *parts: Part) -> None:
        """Start them in parallel."""
        for part in parts:
            self._ends.callback(part.stop, grace=_GRACE_SECONDS)
            part.launch()
        for part in parts:
            part.wait()
