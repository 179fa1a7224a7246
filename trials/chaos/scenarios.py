"""Runs in which one guard of the app matters, with nothing random in them."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any, Final

from trials.chaos.deliveries import SECRETS, body
from trials.chaos.faults import CallsFail, GraphIsSlow
from trials.chaos.plan import Plan
from trials.chaos.sendings import Sending, Way
from trials.chaos.tenant import Kind, draw_guid, draw_job, draw_principal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trials.chaos.tenant import Job

_SECONDS: Final = 5.0
_READ: Final = {"service": "graph", "method": "GET"}
_RANDOM: Final = Random(1)  # noqa: S311 - only for ids


@cache
def quiet() -> Plan:
    """Nothing fails. There are jobs that only force starts, and requests that must not start anything."""
    held = _drawn(Kind.DELETES, Kind.ON_DEMAND, Kind.PRUNED, Kind.PAUSED_HELD, Kind.NOT_RUN, Kind.ACTIVE)
    plain, dry, only_paused, forbidden = _jobs()
    (relapses,) = _jobs(1, afterStart="relapse", afterSeconds=0.2)
    forced = _drawn(Kind.DELETES, Kind.ACTIVE)
    forbidden = replace(forbidden, principal=replace(forbidden.principal, is_allowed=False))
    sendings = [
        *_asked((*held, plain, relapses, forbidden)),
        *_asked((dry,), dryRun=True),
        *_asked((only_paused,), startWhen=["Paused"]),
        *_asked(forced, force=True),
    ]
    return _plan((*held, plain, dry, only_paused, relapses, *forced, forbidden), sendings)


@cache
def narrowed() -> Plan:
    """A request for all jobs asks for paused ones. Before its parts are processed, the jobs are in quarantine."""
    jobs = _drawn(Kind.PAUSED, Kind.PAUSED)
    slow = {"shownAfterSeconds": 1.2, "afterStart": "relapse", "afterSeconds": 0}
    jobs = tuple(replace(job, behaviour=slow) for job in jobs)
    everything = [
        _sending(0.5, {"servicePrincipalId": job.principal.object_id, "startWhen": ["Paused"]}) for job in jobs
    ]
    return _plan(jobs, [*_asked(jobs), *everything])


def forged() -> Plan:
    """A sender that does not know the secrets posts what their owners would."""
    jobs = _jobs(len(SECRETS))
    requests = ({"servicePrincipalId": job.principal.object_id, "jobId": job.job_id} for job in jobs)
    sendings = [
        Sending(
            at=0,
            way=Way.DELIVERY,
            content=body(source, request),
            is_valid=is_genuine,
            asks=(request,),
            source=source,
            is_genuine=is_genuine,
        )
        for source, request in zip(SECRETS, requests, strict=True)
        for is_genuine in (False, True)
    ]
    return _plan(jobs, sendings)


def hanging() -> Plan:
    """The first reads of Graph get no answer, and their connections stay open."""
    jobs = _jobs()
    return _plan(jobs, _asked(jobs), CallsFail(at=0, fault={**_READ, "times": len(jobs), "delaySeconds": 300}))


def shown_late() -> Plan:
    """Graph carries out a start, but its answer is lost, and its effect shows after a while."""
    # Only one job: after two failed requests, the app pauses its calls to Graph.
    jobs = _jobs(1, shownAfterSeconds=2)
    return _plan(jobs, _asked(jobs), _answers_lost(len(jobs)))


def contended() -> Plan:
    """Two hosts read each job before either of them has claimed it."""
    jobs = _jobs()
    return _plan(jobs, _asked(jobs, times=6), GraphIsSlow(at=0, seconds=0.3))


def answers_lost() -> Plan:
    """Graph carries out each start, but its answer is lost."""
    jobs = _jobs()
    return _plan(jobs, _asked(jobs), _answers_lost(len(jobs)))


def lost_and_relapsed() -> Plan:
    """The answer is lost, and the job is in quarantine again before the app reads it."""
    jobs = _jobs(afterStart="relapse", afterSeconds=0.2)
    return _plan(jobs, _asked(jobs), _answers_lost(len(jobs)))


def given_up() -> Plan:
    """Graph is down for longer than the host tries a message, and no message can be put back for later."""
    jobs = _jobs()
    down = {"service": "graph", "times": None, "status": 503, "headers": {"Retry-After": "60"}}
    full = {
        "service": "queues",
        "times": None,
        "method": "POST",
        "path_contains": "/start-requests/messages",
        "status": 500,
    }
    plan = _plan(jobs, _asked(jobs), CallsFail(at=0, fault=down), CallsFail(at=0, fault=full))
    return replace(plan, max_dequeue=1)


def repeated() -> Plan:
    """The same message arrives again when its job is Active."""
    jobs = _jobs()
    return _plan(jobs, _asked(jobs, times=2, every=3, same_id=True))


def pressed_again() -> Plan:
    """The same request arrives again when its job is in quarantine again, which is a new task."""
    jobs = _jobs(afterStart="relapse", afterSeconds=0.5)
    return _plan(jobs, _asked(jobs, times=2, every=3, same_id=True))


def read_stale() -> Plan:
    """Another request for the job arrives while a stale replica shows it."""
    jobs = _jobs(staleReads=list(range(2, 9)))
    return _plan(jobs, _asked(jobs, times=3, every=0.7))


def relapsing() -> Plan:
    """Jobs relapse at once, and are requested again and again."""
    jobs = _jobs(afterStart="relapse", afterSeconds=0.2)
    return _plan(jobs, _asked(jobs, times=8, every=0.7))


def _answers_lost(times: int) -> CallsFail:
    start = {"service": "graph", "method": "POST", "path_ends_with": "/start"}
    return CallsFail(at=0, fault={**start, "times": times, "dropConnection": "after"})


def _plan(jobs: tuple[Job, ...], sendings: Iterable[Sending], *faults: CallsFail | GraphIsSlow) -> Plan:
    in_order = tuple(sorted(sendings, key=lambda sending: sending.at))
    return Plan(jobs=jobs, sendings=in_order, faults=faults, seconds=_SECONDS)


def _jobs(count: int = 4, **behaviour: Any) -> tuple[Job, ...]:
    """That many jobs in quarantine."""
    return tuple(replace(job, behaviour=behaviour) for job in _drawn(*[Kind.RECOVERS] * count))


def _drawn(*kinds: Kind) -> tuple[Job, ...]:
    """Jobs of these kinds, each of an application of its own."""
    return tuple(draw_job(_RANDOM, draw_principal(_RANDOM), kind) for kind in kinds)


def _asked(
    jobs: Iterable[Job], *, times: int = 1, every: float = 0, same_id: bool = False, **fields: Any
) -> Iterable[Sending]:
    """`times` messages per job, `every` seconds apart."""
    for job in jobs:
        request_id = draw_guid(_RANDOM)
        for number in range(times):
            request = {
                "requestId": request_id if same_id else draw_guid(_RANDOM),
                "servicePrincipalId": job.principal.object_id,
                "jobId": job.job_id,
                **fields,
            }
            yield _sending(number * every, request)


def _sending(at: float, request: dict[str, Any]) -> Sending:
    return Sending(at=at, way=Way.PLAIN, content=json.dumps(request), asks=(request,))
