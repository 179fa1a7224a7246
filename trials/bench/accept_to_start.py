"""Accept to start: from sending the HTTP request to the arrival of the start call at Graph."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from local.parts.system import LocalSystem
from trials.bench.instance import RunFailed
from trials.bench.jobs import PRINCIPAL, quarantine
from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import percentile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from trials.bench.options import Options

NAME: Final = "accept-to-start"

_LATENCY_MS: Final = 50
_BETWEEN: Final = {"idle queue": 0.7, "under load": 0.05}
"""Seconds between two requests: long enough for the first to be done, or 20 a second, which is Graph's own limit."""
_DEADLINE_SECONDS: Final = 120.0
_LIMIT: Final = Limit(Bound.AT_MOST, 250)
"""Milliseconds, for the median on an idle queue."""


def measure(options: Options) -> Report:
    """Send requests at a steady pace, and look up in Graph's record when each was started."""
    requests = 10 if options.quick else 60
    figures: list[Figure] = []
    with LocalSystem() as system:
        system.simulation.set_latency(_LATENCY_MS / 1000)
        _delays(system, "warm-up", 5, 0.1)
        for name, pause in _BETWEEN.items():
            options.say(f"{NAME}: {name}")
            delays = _delays(system, name.replace(" ", "-"), requests, pause)
            figures += _figures(f"{name}, {1 / pause:.1f} requests a second", delays)
    figures[0] = replace(figures[0], limit=_LIMIT)
    return Report(
        name=NAME,
        what=(
            "From the moment before the HTTP request is sent to the arrival of the start call at the simulated Graph, "
            f"which answers after {_LATENCY_MS} ms; the read that comes first is in it. One instance, shipped settings."
        ),
        figures=tuple(figures),
    )


def _figures(name: str, delays: Sequence[float]) -> list[Figure]:
    """The median first."""
    return [Figure(f"p{percent}, {name}", percentile(delays, percent), "ms", 0) for percent in (50, 95, 99)]


def _delays(system: LocalSystem, name: str, requests: int, pause: float) -> list[float]:
    """Milliseconds for each request. Raises RunFailed where a start does not arrive."""
    job_ids = [f"scim.{name}.{number}" for number in range(requests)]
    quarantine(system.simulation, job_ids)
    system.simulation.clear_calls()
    sent: dict[str, datetime] = {}
    began = monotonic()
    for number, job_id in enumerate(job_ids):
        sleep(max(0.0, began + number * pause - monotonic()))
        sent[job_id] = datetime.now(UTC)
        system.app.ask({"servicePrincipalId": PRINCIPAL, "jobId": job_id})
    arrived = _arrivals(system, job_ids)
    return [(arrived[job_id] - sent[job_id]).total_seconds() * 1000 for job_id in job_ids]


def _arrivals(system: LocalSystem, job_ids: Sequence[str]) -> Mapping[str, datetime]:
    deadline = monotonic() + _DEADLINE_SECONDS
    while True:
        calls = system.simulation.calls("/start")
        arrived = {call["path"].split("/")[-2]: datetime.fromisoformat(call["time"]) for call in calls}
        if arrived.keys() >= set(job_ids):
            return arrived
        if monotonic() > deadline:
            raise RunFailed(f"{len(arrived)} of {len(job_ids)} jobs were started within {_DEADLINE_SECONDS:g} s")
        sleep(0.2)
