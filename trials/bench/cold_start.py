"""Cold start: what a fresh process takes until it can work, as the instance of an HTTP or of a queue function."""

from __future__ import annotations

import compileall
import json
import subprocess
import tempfile
import uuid
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from local.parts.environment import REPOSITORY, environment, python_environment
from local.parts.system import LocalSystem
from local.parts.system import Options as SystemOptions
from trials.bench.jobs import PRINCIPAL, quarantine
from trials.bench.places import APP_PYTHON, EMPTY_APP, MSGRAPH_APP, MSGRAPH_PYTHON, copy_app, copy_other_app
from trials.bench.process import instructions, run
from trials.bench.report import Bound, Column, Report, Table, Target
from trials.bench.spread import Spread, ratio, spread

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trials.bench.options import Options
    from trials.bench.process import Cost

NAME: Final = "cold-start"

_JOB: Final = "os.environ['JOB_ID']"
"""A job of its own for each process: the ledger would hold one that was started before."""
_INDEX: Final = "import os, function_app; function_app.app.get_functions()\n"
_FLOOR_OF_QUEUE: Final = f"{_INDEX}import azure.data.tables, azure.identity, requests\n"
_READY: Final = f"{_INDEX}from shared.process import process; process()\n"
_APP_STARTS: Final = (
    f"{_INDEX}from trials.bench.contestants.app import prepare, work; work(prepare({PRINCIPAL!r}, {_JOB}))\n"
)
_MSGRAPH_STARTS: Final = f"{_INDEX}import asyncio; asyncio.run(function_app.start({PRINCIPAL!r}, {_JOB}))\n"

_LIMIT: Final = 1.10
_COLUMNS: Final = (
    Column("Process"),
    Column("CPU", "ms"),
    Column("Wall", "ms"),
    Column("Peak memory", "MB"),
    Column("Modules"),
    Column("CPU", "x", 2),
    Column("Instructions", "x", 3),
    Column("Of"),
)


@dataclass(frozen=True, slots=True)
class _Process:
    """One way to start. `against` is the name of the one that it is held against."""

    name: str
    code: str
    directory: Path
    environment: Mapping[str, str]
    python: Path = APP_PYTHON
    against: str = ""


@dataclass(frozen=True, slots=True)
class _Measured:
    """A process, and what it cost each time."""

    process: _Process
    costs: tuple[Cost, ...]
    instructions: int | None = None
    """How many the processor needs, where that was counted."""

    def instructions_ratio(self, others: Sequence[_Measured]) -> float | None:
        """Its instructions against those of the one that it is held against."""
        base = next((other for other in others if other.process.name == self.process.against), None)
        if base is None or base.instructions is None or self.instructions is None:
            return None
        return self.instructions / base.instructions

    def cpu_ratio(self, others: Sequence[_Measured]) -> Spread | None:
        """Its CPU against the one that it is held against."""
        base = next((other for other in others if other.process.name == self.process.against), None)
        return None if base is None else ratio([c.cpu_ms for c in self.costs], [c.cpu_ms for c in base.costs])


def measure(options: Options) -> Report:
    """Start every process in turns with those that it is compared with."""
    with ExitStack() as ends:
        system = ends.enter_context(LocalSystem(SystemOptions(hosts=0)))
        directory = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="cold-start-")))
        return _Bench(options, system, directory).report()


class _Bench:
    def __init__(self, options: Options, system: LocalSystem, directory: Path) -> None:
        self._options = options
        self._system = system
        self._settings = {**environment(), **system.settings}
        self._app = copy_app(directory / "app")
        self._empty = copy_other_app(EMPTY_APP, directory / "empty")
        for app in (self._app, self._empty, MSGRAPH_APP):
            compileall.compile_dir(app, quiet=1)
        self._app_as_copied = copy_app(directory / "app-as-copied")
        self._no_bytecode = directory / "no-bytecode"

    def report(self) -> Report:
        """Everything about cold starts."""
        http = self._counted(self._turns("HTTP instance", self._http(), 41))
        queue = self._counted(self._turns("queue instance", self._queue(), 41))
        return Report(
            name=NAME,
            what=(
                "Fresh Python processes import the app and index its functions, as the Functions worker does before "
                "the first invocation; a queue instance makes what its first message needs, too. The floor is an app "
                "with one empty function on the same packages; for a queue instance, those that its work cannot do "
                "without are imported there. Instructions are counted by valgrind, where it is installed."
            ),
            tables=(
                _table("HTTP instance: takes requests in", http),
                _table("Queue instance: ready for the first message", queue),
                _table("From nothing to the first started job", self._turns("first job", self._first_job(), 9)),
                _table("The app's own files without bytecode", self._turns("own files", self._own_files(), 11)),
                _table("No bytecode of anything", self._turns("no bytecode", self._nothing_compiled(), 3)),
                self._sizes(),
            ),
            targets=(
                *_targets("HTTP instance", http),
                *_targets("Queue instance", queue),
            ),
        )

    def _http(self) -> list[_Process]:
        return [
            _Process("floor", _INDEX, self._empty, self._settings),
            _Process("app", _INDEX, self._app, self._settings, against="floor"),
        ]

    def _queue(self) -> list[_Process]:
        return [
            _Process("floor", _FLOOR_OF_QUEUE, self._empty, self._settings),
            _Process("app", _READY, self._app, self._settings, against="floor"),
            _Process("msgraph-sdk", _INDEX, MSGRAPH_APP, self._settings, MSGRAPH_PYTHON, against="floor"),
        ]

    def _first_job(self) -> list[_Process]:
        settings = {**python_environment(), **self._settings}
        return [
            _Process("app", _APP_STARTS, self._app, settings),
            _Process("msgraph-sdk", _MSGRAPH_STARTS, MSGRAPH_APP, settings, MSGRAPH_PYTHON, against="app"),
        ]

    def _own_files(self) -> list[_Process]:
        unwritten = {**self._settings, "PYTHONDONTWRITEBYTECODE": "1"}
        return [
            _Process("HTTP, compiled", _INDEX, self._app, self._settings),
            _Process("HTTP, as copied", _INDEX, self._app_as_copied, unwritten, against="HTTP, compiled"),
            _Process("queue, compiled", _READY, self._app, self._settings),
            _Process("queue, as copied", _READY, self._app_as_copied, unwritten, against="queue, compiled"),
        ]

    def _nothing_compiled(self) -> list[_Process]:
        bare = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPYCACHEPREFIX": str(self._no_bytecode)}
        return [
            replace(
                process,
                name=f"{kind} {process.name}",
                against=f"{kind} {process.against}" if process.against else "",
                environment={**process.environment, **bare},
            )
            for kind, processes in (("HTTP", self._http()), ("queue", self._queue()))
            for process in processes
        ]

    def _turns(self, what: str, processes: Sequence[_Process], rounds: int) -> list[_Measured]:
        """Each in its turn, every second time the other way round; a round before, not counted, fills the caches."""
        rounds = max(1, rounds // 6) if self._options.quick else rounds
        costs: dict[str, list[Cost]] = {process.name: [] for process in processes}
        for number in range(rounds + 1):
            self._options.say(f"{NAME}: {what}, round {number} of {rounds}")
            for process in processes if number % 2 else reversed(processes):
                job_id = f"scim.{uuid.uuid4()}"
                quarantine(self._system.simulation, [job_id])
                settings = {**process.environment, "JOB_ID": job_id}
                cost = run(process.python, process.code, process.directory, settings)
                if number:
                    costs[process.name].append(cost)
        return [_Measured(process, tuple(costs[process.name])) for process in processes]

    def _counted(self, measured: Sequence[_Measured]) -> list[_Measured]:
        """The same, with the number of instructions."""
        self._options.say(f"{NAME}: counting instructions")
        return [
            replace(
                each,
                instructions=instructions(
                    each.process.python, each.process.code, each.process.directory, each.process.environment
                ),
            )
            for each in measured
        ]

    def _sizes(self) -> Table:
        names = [line.partition("==")[0] for line in (REPOSITORY / "requirements.txt").read_text().splitlines()]
        rows = [
            _size("app", APP_PYTHON, names),
            _size("msgraph-sdk", MSGRAPH_PYTHON, ["azure-functions", "azure-identity", "msgraph-sdk"]),
        ]
        columns = (Column("Packages of"), Column("Packages"), Column("On disk", "MB"))
        return Table("Installed size", columns, tuple(rows), "With all that they require, without bytecode.")


def _table(title: str, measured: Sequence[_Measured]) -> Table:
    rows = []
    for each in measured:
        peaks = [cost.peak_mb for cost in each.costs if cost.peak_mb is not None]
        rows.append(
            (
                each.process.name,
                spread(cost.cpu_ms for cost in each.costs),
                spread(cost.wall_ms for cost in each.costs),
                spread(peaks).median if peaks else None,
                each.costs[0].modules,
                each.cpu_ratio(measured),
                each.instructions_ratio(measured),
                each.process.against,
            )
        )
    return Table(title, _COLUMNS, tuple(rows))


def _targets(instance: str, measured: Sequence[_Measured]) -> list[Target]:
    """The same promise twice: by the clock, and, where they were counted, by the instructions, which don't vary."""
    app = next(each for each in measured if each.process.name == "app")
    found = {"CPU": app.cpu_ratio(measured), "instructions": app.instructions_ratio(measured)}
    return [
        Target(f"{instance}: {name} against the floor", value, Bound.AT_MOST, _LIMIT)
        for name, value in found.items()
        if value is not None
    ]


def _size(name: str, python: Path, packages: Sequence[str]) -> tuple[str, int, float]:
    script = Path(__file__).parent / "installed.py"
    answer = subprocess.run([python, script, *packages], check=True, capture_output=True, text=True).stdout
    found = json.loads(answer)
    return name, found["packages"], found["bytes"] / 1e6
