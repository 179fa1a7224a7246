"""Accept to start: from sending the HTTP request to the arrival of the start call at Graph."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, NamedTuple

from local.parts.system import LocalSystem
from trials.bench.instance import RunFailed
from trials.bench.jobs import PRINCIPAL, quarantine
from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import percentile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trials.bench.options import Options

NAME: Final = "accept-to-start"

_LATENCY_MS: Final = 50
_DEADLINE_SECONDS: Final = 120.0
_RANDOM: Final = Random(1)  # noqa: S311 - only spreads requests


class _Pace(NamedTuple):
    name: str
    least: float
    """Seconds between two requests."""
    most: float
    share: float
    """Of the benchmark's requests, how many this pace sends."""
    limits: Mapping[int, Limit]
    """In milliseconds, by percentile."""


_PACES: Final = (
    # The pauses vary, because otherwise all requests would come at the same point between two polls. The longest pause
    # between polls is maxPollingInterval in host.json, 2 s.
    _Pace("idle queue", 5, 7, 0.5, {95: Limit(Bound.AT_MOST, 2250)}),
    _Pace("now and then", 0.6, 0.8, 1, {}),
    # Graph's own limit of starts.
    _Pace("under load", 0.05, 0.05, 1, {50: Limit(Bound.AT_MOST, 250)}),
)


def measure(options: Options) -> Report:
    """Send requests at each pace, and find in Graph's record when each job was started."""
    requests = 10 if options.quick else 60
    figures: list[Figure] = []
    with LocalSystem() as system:
        system.simulation.set_latency(_LATENCY_MS / 1000)
        _delays(system, "warm-up", [0.1] * 5)
        for pace in _PACES:
            options.say(f"{NAME}: {pace.name}")
            pauses = [_RANDOM.uniform(pace.least, pace.most) for _ in range(round(requests * pace.share))]
            figures += _figures(pace, _delays(system, pace.name.replace(" ", "-"), pauses))
    return Report(
        name=NAME,
        what=(
            "From the moment before the HTTP request is sent to the arrival of the start call at the simulated Graph, "
            f"which answers after {_LATENCY_MS} ms. This includes the read before the start. "
            "One instance, default settings."
        ),
        figures=tuple(figures),
    )


def _figures(pace: _Pace, delays: Sequence[float]) -> Iterator[Figure]:
    rate = 2 / (pace.least + pace.most)
    for percent in (50, 95, 99):
        what = f"p{percent}, {pace.name}, {rate:.1f} requests per second"
        yield Figure(what, percentile(delays, percent), "ms", 0, pace.limits.get(percent))


def _delays(system: LocalSystem, name: str, pauses: Sequence[float]) -> list[float]:
    """The delay of each request in milliseconds. Each is sent after its pause. Raises RunFailed if a start does not
    arrive.
    """
    job_ids = [f"scim.{name}.{number}" for number in range(len(pauses))]
    quarantine(system.simulation, job_ids)
    system.simulation.clear_calls()
    sent: dict[str, datetime] = {}
    next_at = monotonic()
    for pause, job_id in zip(pauses, job_ids, strict=True):
        next_at += pause
        sleep(max(0.0, next_at - monotonic()))
        sent[job_id] = datetime.now(UTC)
        system.app.ask({"servicePrincipalId": PRINCIPAL, "jobId": job_id})
    return delays_since(sent, system)


def delays_since(sent: Mapping[str, datetime], system: LocalSystem) -> list[float]:
    """Milliseconds from the time given for each job to its start. Raises RunFailed if a start does not arrive."""
    arrived = _arrivals(system, list(sent))
    return [(arrived[job_id] - at).total_seconds() * 1000 for job_id, at in sent.items()]


def _arrivals(system: LocalSystem, job_ids: Sequence[str]) -> Mapping[str, datetime]:
    """When the start of each job arrived at the simulated Graph. Raises RunFailed if one does not."""
    deadline = monotonic() + _DEADLINE_SECONDS
    while True:
        calls = system.simulation.calls("/start")
        arrived = {call["path"].split("/")[-2]: datetime.fromisoformat(call["time"]) for call in calls}
        if arrived.keys() >= set(job_ids):
            return arrived
        if monotonic() > deadline:
            raise RunFailed(f"{len(arrived)} of {len(job_ids)} jobs were started within {_DEADLINE_SECONDS:g} s")
        sleep(0.2)
