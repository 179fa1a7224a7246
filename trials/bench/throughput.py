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
from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import ratio, spread

if TYPE_CHECKING:
    from trials.bench.options import Options

NAME: Final = "throughput"

_SHIPPED_LATENCY_MS: Final = 50
_CALLS: Final = 3
"""Calls to Graph per start: read, start, read back."""
_FASTEST: Final = 120
"""Messages per second that no local instance exceeds by much. It only bounds how long a run takes."""
_LIMIT: Final = Limit(Bound.AT_LEAST, 0.9)


def measure(options: Options) -> Report:
    """Fill the queue, start an instance and measure its rate, several times."""
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
        alone = self._alone()
        shares_alone = {name: ratio(rates, [threads] * self._rounds) for name, rates in alone.items()}
        at = f"Graph at {_SHIPPED_LATENCY_MS} ms"
        return Report(
            name=NAME,
            what=(
                "One instance works off a queue that was filled before: jobs in quarantine, one message each. The rate "
                "is that of the middle of the run. Storage (Azurite), the simulated Graph and the host share this "
                "machine's cores. Unlike in Azure, the host also shares the app's interpreter, so the functions' work "
                "is measured without it too. What threads allow is their number divided by the latency of three calls."
            ),
            figures=(
                Figure("Rate of the app", spread(app), "/s", 1),
                Figure("Rate of a bare script: the three calls, a status code on the queue", spread(bare), "/s", 1),
                Figure("Rate of an empty function, one bound", spread(empty), "/s", 1),
                Figure(
                    f"{Settings.threads} threads over the time of {_CALLS} calls, the other bound", threads, "/s", 1
                ),
                Figure(f"Share of the smaller of the two bounds, {at}", ratio(app, bounds), limit=_LIMIT),
                Figure(f"Share that a bare script reaches of it, {at}", ratio(bare, bounds)),
                *(Figure(f"Rate of the {name}, no host", spread(rates), "/s", 1) for name, rates in alone.items()),
                Figure(
                    f"Share of what threads allow, without ledger and host, {at}",
                    shares_alone[WITHOUT_LEDGER],
                    limit=_LIMIT,
                ),
                Figure(f"Share of what threads allow, with the ledger and without a host, {at}", shares_alone[APP]),
            ),
        )

    def _hosted(self) -> tuple[list[float], list[float], list[float]]:
        """The rates of the app with default settings, the bare script and the empty function, in turns."""
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
        """The rates of the functions' work on as many threads without a host, which in Azure is another process."""
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
                    if number:  # the first round opens the connections
                        rates[name].append(1000 / took["wallMs"])
        return rates

    def _rate(self, app: Path, latency_ms: int, threads: int) -> float:
        self._system.simulation.set_latency(latency_ms / 1000)
        expected = min(_FASTEST, _bound(threads, latency_ms) if latency_ms else _FASTEST)
        messages = max(2 * threads, 20, round(expected * self._seconds))
        return rate(self._system, app, threads=threads, messages=messages)

    def _new(self) -> Path:
        return self._directory / str(next(self._numbers))


def _bound(threads: int, latency_ms: int) -> float:
    return threads / (_CALLS * latency_ms / 1000)
