"""What goes wrong in a run, and when."""

from __future__ import annotations

import os
import signal
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass, field
from time import sleep
from typing import TYPE_CHECKING, Any, Final

from local.parts.processes import ProcessFailed
from trials.chaos.limits import GRAPH_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from local.parts.system import LocalSystem

_TOO_LATE: Final = GRAPH_TIMEOUT + 1

# In seconds: one of each kind per this time.
_HOST_DIES_EVERY, _STORAGE_RESTARTS_EVERY, _TOKENS_REVOKED_EVERY, _CALLS_FAIL_EVERY = 5.0, 7.0, 6.0, 0.4
_QUEUE_CALLS_FAIL_EVERY, _WORKER_DIES_EVERY = 2.0, 5.0

_START: Final = {"service": "graph", "method": "POST", "path_ends_with": "/start"}
_GRAPH: Final = {"service": "graph"}
_IDENTITY: Final = {"service": "identity"}
_TABLES: Final = {"service": "tables"}

_CALLS: Final[tuple[Mapping[str, Any], ...]] = (
    {**_GRAPH, "status": 429, "headers": {"Retry-After": "1"}},
    {**_GRAPH, "status": 429},
    {**_GRAPH, "status": 500},
    {**_GRAPH, "status": 503, "headers": {"Retry-After": "1"}},
    {**_GRAPH, "status": 504},
    {**_GRAPH, "status": 409},
    {**_GRAPH, "dropConnection": "before"},
    {**_GRAPH, "method": "GET", "delaySeconds": _TOO_LATE},
    {**_START, "status": 500},
    {**_START, "status": 429, "headers": {"Retry-After": "30"}},
    {**_START, "dropConnection": "before"},
    {**_START, "dropConnection": "after"},
    {**_START, "dropConnection": "after"},
    {**_START, "delaySeconds": _TOO_LATE, "dropConnection": "before"},
    {**_START, "answerAfterSeconds": _TOO_LATE},
    {**_IDENTITY, "status": 500},
    {**_IDENTITY, "dropConnection": "before"},
    {**_TABLES, "status": 503},
    {**_TABLES, "status": 500},
    {**_TABLES, "dropConnection": "before"},
    {**_TABLES, "method": "PUT", "status": 412},
    {**_TABLES, "method": "PUT", "dropConnection": "after"},
    {**_TABLES, "method": "POST", "dropConnection": "after"},
    {**_TABLES, "delaySeconds": 0.3},
)

# Receive, write, release or renew, and delete.
_QUEUE_CALLS: Final[tuple[tuple[str, str], ...]] = (
    *(("start-requests", method) for method in ("GET", "POST", "PUT", "DELETE")),
    *(("start-requests-poison", method) for method in ("GET", "DELETE")),
    *(("start-status", "POST"),) * 4,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault(ABC):
    """One fault. Faults of one part happen one after another; those of different parts in parallel."""

    at: float
    """Seconds after the begin of the run."""

    @property
    @abstractmethod
    def part(self) -> str:
        """Which part fails."""

    @abstractmethod
    def happen(self, system: LocalSystem) -> None:
        """Inject the fault. If a part goes down, bring it up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostDies(Fault):
    """A host is killed, and started again later."""

    host: int
    down_seconds: float

    @property
    def part(self) -> str:
        """See Fault."""
        return f"host {self.host}"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        host = system.hosts[self.host]
        host.kill()
        sleep(self.down_seconds)
        # It may fail to start without storage. The platform then tries again.
        with suppress(ProcessFailed):
            host.start()


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerDies(Fault):
    """The worker of a host is killed, if it is a process of its own. The host starts another one."""

    host: int

    @property
    def part(self) -> str:
        """See Fault."""
        return f"worker {self.host}"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        for worker in system.hosts[self.host].children():
            with suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageRestarts(Fault):
    """Storage stops and comes back with its data."""

    down_seconds: float

    @property
    def part(self) -> str:
        """See Fault."""
        return "storage"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        system.azurite.stop()
        sleep(self.down_seconds)
        system.azurite.start()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsFail(Fault):
    """The next calls of a kind fail. `fault` has the arguments of Simulation.fault."""

    fault: Mapping[str, Any] = field(default_factory=dict)

    @property
    def part(self) -> str:
        """See Fault."""
        return "calls"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        system.simulation.fault(**self.fault)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceIsAway(Fault):
    """A service answers every call with 503 for a while. Its end also removes all other faults of calls."""

    service: str
    seconds: float

    @property
    def part(self) -> str:
        """See Fault."""
        return "service"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        system.simulation.fault(service=self.service, times=None, status=503)
        sleep(self.seconds)
        system.simulation.clear_faults()


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensRevoked(Fault):
    """All tokens issued so far become invalid."""

    @property
    def part(self) -> str:
        """See Fault."""
        return "calls"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        system.simulation.revoke_tokens()


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphIsSlow(Fault):
    """Adds latency to all calls to Graph and the identity server from now on."""

    seconds: float

    @property
    def part(self) -> str:
        """See Fault."""
        return "calls"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        system.simulation.set_latency(self.seconds)


def draw_faults(random: Random, hosts: int, seconds: float, outage: float) -> tuple[Fault, ...]:
    """The faults of a run, spread over that time. With `outage`, storage is also away for that many seconds."""
    drawn: list[Fault] = [
        HostDies(at=at, host=random.randrange(hosts), down_seconds=random.uniform(0, 1.5))
        for at in _moments(random, seconds, _HOST_DIES_EVERY / hosts)
    ]
    drawn += [
        StorageRestarts(at=at, down_seconds=random.uniform(0, 1))
        for at in _moments(random, seconds, _STORAGE_RESTARTS_EVERY)
    ]
    drawn += [TokensRevoked(at=at) for at in _moments(random, seconds, _TOKENS_REVOKED_EVERY)]
    drawn += [
        CallsFail(at=at, fault={**random.choice(_CALLS), "times": random.choice((1, 1, 2, 3, 5, 8))})
        for at in _moments(random, seconds, _CALLS_FAIL_EVERY)
    ]
    drawn += [
        CallsFail(at=at, fault={**_queue_call(random), "status": random.choice((403, 500, 500))})
        for at in _moments(random, seconds, _QUEUE_CALLS_FAIL_EVERY)
    ]
    drawn += [
        WorkerDies(at=at, host=random.randrange(hosts)) for at in _moments(random, seconds, _WORKER_DIES_EVERY / hosts)
    ]
    if outage:
        drawn.append(StorageRestarts(at=seconds / 2, down_seconds=outage))
    # Longer than a host needs for its eight attempts, a second apart.
    service = random.choice(("graph", "identity", "tables"))
    drawn.append(ServiceIsAway(at=random.uniform(0, seconds / 2), service=service, seconds=random.uniform(9, 12)))
    drawn.append(GraphIsSlow(at=random.uniform(0, seconds), seconds=random.uniform(0, 0.2)))
    return tuple(sorted(drawn, key=lambda fault: fault.at))


def _queue_call(random: Random) -> dict[str, Any]:
    queue, method = random.choice(_QUEUE_CALLS)
    return {"service": "queues", "method": method, "path_contains": f"/{queue}/messages"}


def _moments(random: Random, seconds: float, every: float) -> list[float]:
    """At least one moment."""
    return [random.uniform(0, seconds) for _ in range(max(1, round(seconds / every)))]
