"""Cost of one start: the work between a message and its status event, for one job that is started."""

from __future__ import annotations

import json
import subprocess
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from local.bench.jobs import PRINCIPAL, quarantine
from local.bench.places import APP_PYTHON, MSGRAPH_PYTHON
from local.bench.report import Bound, Column, Report, Table, Target
from local.bench.spread import Spread, ratio, spread
from local.environment import python_environment
from local.system import LocalSystem
from local.system import Options as SystemOptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from local.bench.options import Options
    from local.simulation import Simulation

NAME: Final = "one-start"

_BARE: Final = "bare script"
_APP: Final = "app"
_WITHOUT_LEDGER: Final = "app without ledger"
_MSGRAPH: Final = "msgraph-sdk"
_MODULES: Final = {
    _BARE: (APP_PYTHON, "local.bench.contestants.bare"),
    _WITHOUT_LEDGER: (APP_PYTHON, "local.bench.contestants.app_without_ledger"),
    _APP: (APP_PYTHON, "local.bench.contestants.app"),
    _MSGRAPH: (MSGRAPH_PYTHON, "local.bench.contestants.msgraph_sdk"),
}
_LIMIT: Final = 1.5
_MSGRAPH_LIMIT: Final = 0.75
_COLUMNS: Final = (
    Column("Contestant"),
    Column("CPU a start", "ms", 2),
    Column("Wall a start", "ms", 2),
    Column("CPU", "x bare", 2),
    Column("Wall", "x bare", 2),
)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A latency of Graph, and how much to do at it."""

    latency_ms: int
    rounds: int
    jobs: int


def measure(options: Options) -> Report:
    """Let all contestants work in turns."""
    plans = (_Plan(0, 5, 20), _Plan(50, 3, 5)) if options.quick else (_Plan(0, 25, 40), _Plan(50, 9, 10))
    with ExitStack() as ends:
        system = ends.enter_context(LocalSystem(SystemOptions(hosts=0)))
        environment = {**python_environment(), **system.settings}
        contestants = {
            name: ends.enter_context(_Contestant(python, module, environment))
            for name, (python, module) in _MODULES.items()
        }
        found = {plan.latency_ms: _turns(options, system.simulation, contestants, plan) for plan in plans}
    return Report(
        name=NAME,
        what=(
            "Each contestant starts quarantined jobs on the same simulated Graph, one after the other: it reads the "
            "job, starts it, and reads it back. CPU is that of the contestant's process alone, user and system time. "
            "The bare script makes the three calls with one requests.Session and a token that it fetched before; the "
            "app does all that its queue function does with a message, from its bytes to the status event. It is "
            "measured twice: the ledger's three calls of the table service are what one start a quarantine rests on, "
            "and the bare script and msgraph-sdk have nothing like it."
        ),
        tables=tuple(_table(latency, taken) for latency, taken in found.items()),
        targets=tuple(target for latency, taken in found.items() for target in _targets(latency, taken)),
    )


class _Contestant:
    """A process that works when it is told to."""

    def __init__(self, python: Path, module: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [python, "-m", module], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The end of its stdin ends it.
        self._process.communicate()

    def work(self, job_ids: Sequence[str]) -> dict[str, float]:
        """Start the jobs. Returns what one took: cpuMs and wallMs."""
        if self._process.stdin is None or self._process.stdout is None:  # they are pipes, see above
            raise TypeError
        self._process.stdin.write(json.dumps([[PRINCIPAL, job_id] for job_id in job_ids]) + "\n")
        self._process.stdin.flush()
        took: dict[str, float] = json.loads(self._process.stdout.readline())
        return {name: value / len(job_ids) for name, value in took.items()}


def _turns(
    options: Options, simulation: Simulation, contestants: Mapping[str, _Contestant], plan: _Plan
) -> dict[str, list[dict[str, float]]]:
    """Each in its turn, round after round; one round before, which does not count, opens the connections."""
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in contestants}
    simulation.set_latency(plan.latency_ms / 1000)
    for number in range(plan.rounds + 1):
        options.say(f"{NAME}: Graph at {plan.latency_ms} ms, round {number} of {plan.rounds}")
        for name, contestant in contestants.items():
            job_ids = [f"scim.{plan.latency_ms}.{number}.{index}" for index in range(plan.jobs)]
            quarantine(simulation, job_ids)
            took = contestant.work(job_ids)
            if number:
                taken[name].append(took)
    return taken


def _targets(latency_ms: int, taken: Mapping[str, Sequence[Mapping[str, float]]]) -> tuple[Target, ...]:
    def cpu(name: str, base: str) -> Spread:
        return ratio([each["cpuMs"] for each in taken[name]], [each["cpuMs"] for each in taken[base]])

    return (
        Target(
            f"CPU without the ledger, against the bare script, Graph at {latency_ms} ms",
            cpu(_WITHOUT_LEDGER, _BARE),
            Bound.AT_MOST,
            _LIMIT,
        ),
        Target(
            f"CPU in all, against the bare script, Graph at {latency_ms} ms",
            cpu(_APP, _BARE),
            Bound.AT_MOST,
            _LIMIT,
        ),
        Target(
            f"CPU in all, against msgraph-sdk, Graph at {latency_ms} ms",
            cpu(_APP, _MSGRAPH),
            Bound.AT_MOST,
            _MSGRAPH_LIMIT,
        ),
    )


def _table(latency_ms: int, taken: Mapping[str, Sequence[Mapping[str, float]]]) -> Table:
    def row(name: str) -> tuple[Any, ...]:
        cpu, wall = ([each[key] for each in taken[name]] for key in ("cpuMs", "wallMs"))
        bare_cpu, bare_wall = ([each[key] for each in taken[_BARE]] for key in ("cpuMs", "wallMs"))
        return name, spread(cpu), spread(wall), ratio(cpu, bare_cpu), ratio(wall, bare_wall)

    return Table(f"Graph answers after {latency_ms} ms", _COLUMNS, tuple(map(row, taken)))
