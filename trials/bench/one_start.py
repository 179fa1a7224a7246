"""Cost of one start: the work between a message and its status event, for one job that is started."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from local.parts.environment import python_environment
from local.parts.system import LocalSystem
from local.parts.system import Options as SystemOptions
from trials.bench.contestant import APP, BARE, MSGRAPH, WITHOUT_LEDGER, Contestant
from trials.bench.jobs import quarantine
from trials.bench.report import Bound, Column, Report, Table, Target
from trials.bench.spread import Spread, ratio, spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.client.simulation import Simulation
    from trials.bench.options import Options

NAME: Final = "one-start"

_NAMES: Final = (BARE, WITHOUT_LEDGER, APP, MSGRAPH)
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
        contestants = {name: ends.enter_context(Contestant(name, environment)) for name in _NAMES}
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


def _turns(
    options: Options, simulation: Simulation, contestants: Mapping[str, Contestant], plan: _Plan
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
            cpu(WITHOUT_LEDGER, BARE),
            Bound.AT_MOST,
            _LIMIT,
        ),
        Target(
            f"CPU in all, against the bare script, Graph at {latency_ms} ms",
            cpu(APP, BARE),
            Bound.AT_MOST,
            _LIMIT,
        ),
        Target(
            f"CPU in all, against msgraph-sdk, Graph at {latency_ms} ms",
            cpu(APP, MSGRAPH),
            Bound.AT_MOST,
            _MSGRAPH_LIMIT,
        ),
    )


def _table(latency_ms: int, taken: Mapping[str, Sequence[Mapping[str, float]]]) -> Table:
    def row(name: str) -> tuple[Any, ...]:
        cpu, wall = ([each[key] for each in taken[name]] for key in ("cpuMs", "wallMs"))
        bare_cpu, bare_wall = ([each[key] for each in taken[BARE]] for key in ("cpuMs", "wallMs"))
        return name, spread(cpu), spread(wall), ratio(cpu, bare_cpu), ratio(wall, bare_wall)

    return Table(f"Graph answers after {latency_ms} ms", _COLUMNS, tuple(map(row, taken)))
