"""What the status table and notices add to the time from accepting a request to its start."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from random import Random
from statistics import median
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from local.parts.system import LocalSystem
from local.parts.system import Options as SystemOptions
from trials.bench.accept_to_start import delays_since
from trials.bench.jobs import PRINCIPAL, quarantine
from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import ratio, spread

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trials.bench.options import Options

NAME: Final = "extras"

_PLAIN: Final = "plain"
_STATUS: Final = "status table"
_NOTICES: Final = "notices"
_LIMITS: Final = {_STATUS: Limit(Bound.AT_MOST, 1.10), _NOTICES: Limit(Bound.AT_MOST, 1.05)}
_WHAT: Final = {
    _STATUS: "with the status table",
    _NOTICES: "with a notice to a ticket system that is down for each event",
}
_TICKET: Final = "INC0042"
_LATENCY_MS: Final = 50
_POLL_SECONDS: Final = 0.1
"""Longest pause between two looks at the queue, the least that a host takes. The shipped 2 s would hide the rest."""
_PAUSE_SECONDS: Final = 0.3
_RANDOM: Final = Random(2)  # noqa: S311 - shuffles turns


def measure(options: Options) -> Report:
    """Send the same requests to three systems in turns, one of them with neither."""
    rounds, requests = (3, 10) if options.quick else (12, 20)
    with ExitStack() as ends:
        systems = {name: ends.enter_context(LocalSystem(_options(name))) for name in (_PLAIN, _STATUS, _NOTICES)}
        for system in systems.values():
            system.simulation.set_latency(_LATENCY_MS / 1000)
        told = systems[_NOTICES].told
        told.put_ticket("servicenow", _TICKET)
        told.fault("servicenow", times=None, status=503)
        found: dict[str, list[float]] = {name: [] for name in systems}
        for number in range(rounds + 1):
            options.say(f"{NAME}: round {number} of {rounds}")
            delays = _round(systems, number, requests)
            if number:  # the round before warms up
                for name, each in delays.items():
                    found[name].append(median(each))
    return Report(
        name=NAME,
        what=(
            "From the moment before the HTTP request is sent to the arrival of the start call at the simulated Graph, "
            f"which answers after {_LATENCY_MS} ms. Three whole systems get their requests in turns, one each "
            f"{_PAUSE_SECONDS:g} s; the queue is looked at each {_POLL_SECONDS:g} s. A ratio is that of the medians of "
            f"{requests} requests, {rounds} times."
        ),
        figures=(
            Figure("p50 with neither", spread(found[_PLAIN]), "ms", 0),
            *(
                Figure(f"{what}, against neither", ratio(found[name], found[_PLAIN]), limit=_LIMITS[name])
                for name, what in _WHAT.items()
            ),
        ),
    )


def _options(name: str) -> SystemOptions:
    settings = {"RECOVERY_SCHEDULE": "0 0 0 29 2 *"}  # No timer reads the jobs meanwhile.
    if name == _STATUS:
        settings |= {"STATUS_TABLE": "StartStatus", "STATUS_KEY": "thirty-two characters at the least"}
    return SystemOptions(max_poll=_POLL_SECONDS, targets=name == _NOTICES, settings=settings)


def _round(systems: Mapping[str, LocalSystem], number: int, requests: int) -> dict[str, list[float]]:
    """Milliseconds of each request, system by system. Raises RunFailed if a start does not arrive."""
    job_ids = [f"scim.extras.{number}.{each}" for each in range(requests)]
    for system in systems.values():
        quarantine(system.simulation, job_ids)
        system.simulation.clear_calls()
    sent: dict[str, dict[str, datetime]] = {name: {} for name in systems}
    next_at = monotonic()
    for job_id in job_ids:
        for name in _RANDOM.sample(list(systems), len(systems)):
            next_at += _PAUSE_SECONDS
            sleep(max(0.0, next_at - monotonic()))
            sent[name][job_id] = datetime.now(UTC)
            systems[name].app.ask(
                {
                    "servicePrincipalId": PRINCIPAL,
                    "jobId": job_id,
                    "requestedBy": {"source": "servicenow", "reference": _TICKET},
                }
            )
    return {name: delays_since(sent[name], system) for name, system in systems.items()}
