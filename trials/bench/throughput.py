"""Throughput of one instance, against what its threads and Graph's latency allow, and against smaller functions."""

from __future__ import annotations

import tempfile
import uuid
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from local.parts.environment import python_environment
from local.parts.system import LocalSystem
from local.parts.system import Options as SystemOptions
from shared.settings import Settings, setting_name
from trials.bench.contestant import APP, BARE, WITHOUT_LEDGER, Contestant
from trials.bench.instance import rate
from trials.bench.jobs import quarantine
from trials.bench.places import BARE_APP, EMPTY_APP, copy_app, copy_other_app
from trials.bench.report import Bound, Column, Report, Table, Target
from trials.bench.spread import ratio, spread

if TYPE_CHECKING:
    from trials.bench.options import Options
    from trials.bench.report import Cell

NAME: Final = "throughput"

_SWEEP: Final = {0: (1, 32), 50: (1, 4, 8, 16, 24, 32), 200: (1, 4, 8, 16, 24, 32)}
"""Numbers of threads for each latency of Graph in milliseconds."""
_SHIPPED_LATENCY_MS: Final = 50
_CALLS: Final = 3
"""Calls of Graph for one start: read, start, read back."""
_FASTEST: Final = 120
"""Messages a second that no local instance exceeds by much: it only bounds how long a run takes."""
_LEAST: Final = 0.9


def measure(options: Options) -> Report:
    """Fill the queue, start an instance, see how fast it works the queue off; again and again."""
    with ExitStack() as ends:
        settings = {setting_name("start_requests_queue"): Settings.start_requests_queue}
        system = ends.enter_context(LocalSystem(SystemOptions(hosts=0, settings=settings)))
        directory = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="throughput-")))
        return _Bench(options, system, directory).report()


class _Bench:
    def __init__(self, options: Options, system: LocalSystem, directory: Path) -> None:
        self._options = options
        self._system = system
        self._directory = directory
        self._numbers = count()
        self._seconds = 2 if options.quick else 5
        self._rounds = 1 if options.quick else 5

    def report(self) -> Report:
        """Everything about throughput."""
        threads = _bound(Settings.threads, _SHIPPED_LATENCY_MS)
        app, bare, empty = self._hosted()
        bounds = [min(threads, rate_of_empty) for rate_of_empty in empty]
        share = ratio(app, bounds)
        alone = self._alone()
        shares_alone = {name: ratio(rates, [threads] * self._rounds) for name, rates in alone.items()}
        hosted_table = Table(
            f"Shipped settings, Graph at {_SHIPPED_LATENCY_MS} ms",
            (Column("Function"), Column("Rate", "/s", 1), Column("Share of the bound", digits=2)),
            (
                ("the app's", spread(app), share),
                ("a bare script's: the three calls, a word on the status queue", spread(bare), ratio(bare, bounds)),
                ("an empty one", spread(empty), None),
                (f"{Settings.threads} threads over the time of {_CALLS} calls", threads, None),
            ),
            "The bound is the smaller of the last two.",
        )
        alone_table = Table(
            f"Without a host, {Settings.threads} threads, Graph at {_SHIPPED_LATENCY_MS} ms",
            (Column("Work of"), Column("Rate", "/s", 1), Column("Share of what threads allow", digits=2)),
            tuple((name, spread(rates), shares_alone[name]) for name, rates in alone.items()),
        )
        return Report(
            name=NAME,
            what=(
                "One instance works off a queue that was filled before: jobs in quarantine, one message each. The rate "
                "is that of the middle of the run. Storage (Azurite), the simulated Graph and the host share this "
                "machine's cores, and the host shares the interpreter with the app, which in Azure it does not: so the "
                "functions' work is measured without it, too. What threads allow is their number over the latency of "
                "three calls."
            ),
            tables=(hosted_table, alone_table, self._sweep()),
            targets=(
                Target(
                    f"Share of what threads allow, without ledger and host, Graph at {_SHIPPED_LATENCY_MS} ms",
                    shares_alone[WITHOUT_LEDGER],
                    Bound.AT_LEAST,
                    _LEAST,
                ),
                Target(
                    f"Share of the smaller of the two bounds, Graph at {_SHIPPED_LATENCY_MS} ms",
                    share,
                    Bound.AT_LEAST,
                    _LEAST,
                ),
            ),
        )

    def _hosted(self) -> tuple[list[float], list[float], list[float]]:
        """The rates of the app as it is shipped, the bare script and the empty function, in turns."""
        app: list[float] = []
        bare: list[float] = []
        empty: list[float] = []
        for number in range(1, self._rounds + 1):
            self._options.say(f"{NAME}: shipped settings, round {number} of {self._rounds}")
            app.append(self._rate(copy_app(self._new()), _SHIPPED_LATENCY_MS, Settings.threads))
            bare.append(self._rate(copy_other_app(BARE_APP, self._new()), _SHIPPED_LATENCY_MS, Settings.threads))
            empty.append(self._rate(copy_other_app(EMPTY_APP, self._new()), 0, Settings.threads))
        return app, bare, empty

    def _alone(self) -> dict[str, list[float]]:
        """The rates of the functions' work on as many threads without a host, as if it were elsewhere: as in Azure."""
        rates: dict[str, list[float]] = {BARE: [], WITHOUT_LEDGER: [], APP: []}
        environment = {**python_environment(), **self._system.settings}
        jobs = round(_bound(Settings.threads, _SHIPPED_LATENCY_MS) * self._seconds)
        self._system.simulation.set_latency(_SHIPPED_LATENCY_MS / 1000)
        with ExitStack() as ends:
            contestants = {name: ends.enter_context(Contestant(name, environment)) for name in rates}
            for number in range(self._rounds + 1):
                self._options.say(f"{NAME}: without a host, round {number} of {self._rounds}")
                for name, contestant in contestants.items():
                    job_ids = [f"scim.{uuid.uuid4()}" for _ in range(jobs)]
                    quarantine(self._system.simulation, job_ids)
                    took = contestant.work(job_ids, threads=Settings.threads)
                    if number:  # the round before opens the connections
                        rates[name].append(1000 / took["wallMs"])
        return rates

    def _sweep(self) -> Table:
        """Every latency with every number of threads; the queue settings keep all of them busy."""
        sweep = {_SHIPPED_LATENCY_MS: (4, 24)} if self._options.quick else _SWEEP
        rows: list[tuple[Cell, ...]] = []
        for latency, threads in sweep.items():
            for number in threads:
                self._options.say(f"{NAME}: Graph at {latency} ms, {number} threads")
                app = copy_app(self._new(), newBatchThreshold=number)
                measured = self._rate(app, latency, number)
                allowed = _bound(number, latency) if latency else None
                rows.append((latency, number, measured, allowed, measured / allowed if allowed else None))
        columns = (
            Column("Latency", "ms"),
            Column("Threads"),
            Column("Rate", "/s", 1),
            Column("Threads allow", "/s", 1),
            Column("Share", digits=2),
        )
        return Table("Latency and threads", columns, tuple(rows), "Once each: the trend counts, not the digit.")

    def _rate(self, app: Path, latency_ms: int, threads: int) -> float:
        self._system.simulation.set_latency(latency_ms / 1000)
        expected = min(_FASTEST, _bound(threads, latency_ms) if latency_ms else _FASTEST)
        messages = max(2 * threads, 20, round(expected * self._seconds))
        return rate(self._system, app, threads=threads, messages=messages)

    def _new(self) -> Path:
        return self._directory / str(next(self._numbers))


def _bound(threads: int, latency_ms: int) -> float:
    return threads / (_CALLS * latency_ms / 1000)
