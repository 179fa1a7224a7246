"""Cost of one start: the work between a message and its status event, for one job that is started."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from local.parts.environment import python_environment
from local.parts.system import LocalSystem
from local.parts.system import Options as SystemOptions
from trials.bench.contestant import APP, BARE, WITHOUT_LEDGER, Contestant
from trials.bench.jobs import quarantine
from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import ratio, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from local.client.simulation import Simulation
    from trials.bench.options import Options

NAME: Final = "one-start"

_NAMES: Final = (BARE, WITHOUT_LEDGER, APP)
_LIMIT: Final = Limit(Bound.AT_MOST, 1.5)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A latency of Graph, and how much to do with it."""

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
            "job, starts it, and reads it back. CPU is user and system time of the contestant's process alone. "
            "The bare script makes the three calls with one requests.Session and a token that it fetched before. The "
            "app does all that its queue function does with a message, from its bytes to the status event. It is "
            "measured twice, because the ledger's three calls to the table service are what one start per quarantine "
            "depends on, and the bare script has none."
        ),
        figures=tuple(figure for latency, taken in found.items() for figure in _figures(latency, taken)),
    )


def _turns(
    options: Options, simulation: Simulation, contestants: Mapping[str, Contestant], plan: _Plan
) -> dict[str, list[dict[str, float]]]:
    """Each contestant in turn, round after round. A first round, which is not counted, opens the connections."""
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


def _figures(latency_ms: int, taken: Mapping[str, Sequence[Mapping[str, float]]]) -> Iterator[Figure]:
    cpu, wall = (
        {name: [each[key] for each in rounds] for name, rounds in taken.items()} for key in ("cpuMs", "wallMs")
    )
    at = f"Graph at {latency_ms} ms"
    for name in taken:
        yield Figure(f"CPU per start of the {name}, {at}", spread(cpu[name]), "ms")
        yield Figure(f"Wall time per start of the {name}, {at}", spread(wall[name]), "ms")
    against_bare = {name: ratio(values, cpu[BARE]) for name, values in cpu.items()}
    yield Figure(f"CPU without the ledger, against the {BARE}, {at}", against_bare[WITHOUT_LEDGER], limit=_LIMIT)
    yield Figure(f"CPU in all, against the {BARE}, {at}", against_bare[APP], limit=_LIMIT)
