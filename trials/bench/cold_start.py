"""Cold start: how long a fresh process takes until it can work, as an instance of an HTTP or of a queue function."""

from __future__ import annotations

import compileall
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from local.parts.environment import environment
from trials.bench.places import EMPTY_APP, copy_app, copy_other_app
from trials.bench.process import instructions, run
from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import ratio, spread

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from trials.bench.options import Options
    from trials.bench.process import Cost

NAME: Final = "cold-start"

_INDEX: Final = "import os, function_app; function_app.app.get_functions()\n"
_FLOOR_OF_QUEUE: Final = f"{_INDEX}import azure.data.tables, azure.identity, requests\n"
_TAKES: Final = f"{_INDEX}import shared.intake.problem, shared.intake.start_requests, shared.request.message\n"
_READY: Final = f"{_INDEX}from shared.process import process; process()\n"
_SETTINGS: Final = {
    "AzureWebJobsStorage": "UseDevelopmentStorage=true",
    "IDENTITY_ENDPOINT": "http://127.0.0.1/msi/token",
    "IDENTITY_HEADER": "not called",
    "AZURE_TOKEN_CREDENTIALS": "ManagedIdentityCredential",
}
_ROUNDS: Final = 41
_CPU_LIMIT: Final = Limit(Bound.AT_MOST, 1.10)
_INSTRUCTIONS_LIMIT: Final = Limit(Bound.AT_MOST, 1.12)


@dataclass(frozen=True, slots=True)
class _Instance:
    """The code that one kind of instance runs: in the app's directory, and in that of the empty app (the floor)."""

    name: str
    code: str
    floor: str


_INSTANCES: Final = (_Instance("HTTP instance", _TAKES, _INDEX), _Instance("Queue instance", _READY, _FLOOR_OF_QUEUE))


def measure(options: Options) -> Report:
    """Start the app and the floor alternately."""
    with tempfile.TemporaryDirectory(prefix="cold-start-") as directory:
        app = copy_app(Path(directory, "app"))
        empty = copy_other_app(EMPTY_APP, Path(directory, "empty"))
        for each in (app, empty):
            compileall.compile_dir(each, quiet=1)
        figures = [figure for instance in _INSTANCES for figure in _figures(options, instance, app, empty)]
    return Report(
        name=NAME,
        what=(
            "Fresh Python processes import the app and index its functions, as the Functions worker does before "
            "the first invocation. They also load what the first request or message needs. The floor is an app "
            "with one empty function on the same packages. For a queue instance it imports those that its work "
            "requires. Instructions are counted by valgrind, if it is installed."
        ),
        figures=tuple(figures),
    )


def _figures(options: Options, instance: _Instance, app: Path, empty: Path) -> Iterator[Figure]:
    """The same limit twice: for CPU time, and, if valgrind counted them, for instructions, which do not vary."""
    settings = environment() | _SETTINGS
    codes = {app: instance.code, empty: instance.floor}
    costs = _turns(options, instance.name, codes, settings)
    for name, directory in (("floor", empty), ("app", app)):
        yield Figure(f"{instance.name}: CPU of the {name}", spread(cost.cpu_ms for cost in costs[directory]), "ms", 0)
        peaks = [cost.peak_mb for cost in costs[directory] if cost.peak_mb is not None]
        if peaks:
            yield Figure(f"{instance.name}: peak memory of the {name}", spread(peaks), "MB", 0)
    cpu = ratio([cost.cpu_ms for cost in costs[app]], [cost.cpu_ms for cost in costs[empty]])
    yield Figure(f"{instance.name}: CPU against the floor", cpu, limit=_CPU_LIMIT)
    options.say(f"{NAME}: {instance.name}, counting instructions")
    counted, floor = (instructions(Path(sys.executable), codes[each], each, settings) for each in (app, empty))
    if counted is not None and floor is not None:
        share = counted / floor
        yield Figure(f"{instance.name}: instructions against the floor", share, digits=3, limit=_INSTRUCTIONS_LIMIT)


def _turns(
    options: Options, what: str, codes: Mapping[Path, str], settings: Mapping[str, str]
) -> dict[Path, list[Cost]]:
    """Run each in turn, in reverse order every second round. A first round, which is not counted, fills the caches."""
    rounds = _ROUNDS // 6 if options.quick else _ROUNDS
    costs: dict[Path, list[Cost]] = {directory: [] for directory in codes}
    for number in range(rounds + 1):
        options.say(f"{NAME}: {what}, round {number} of {rounds}")
        for directory in list(codes)[:: 1 if number % 2 else -1]:
            cost = run(Path(sys.executable), codes[directory], directory, settings)
            if number:
                costs[directory].append(cost)
    return costs
