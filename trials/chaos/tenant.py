"""The jobs in the tenant of a run: of every state, and with every result of a start."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from local.client import jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random

    from local.client.jobs import SynchronizationJob
    from local.client.simulation import Simulation

_JOBS_OF_A_PRINCIPAL: Final = 3
_FORBIDDEN_EVERY: Final = 12


class Kind(StrEnum):
    """A job's state, and what happens when it is started."""

    RECOVERS = "in quarantine, recovers"
    RELAPSES = "in quarantine, relapses"
    SLOW = "in quarantine, shows a start late"
    SILENT = "in quarantine, never runs after the start"
    DELETES = "in quarantine because of deletions"
    ON_DEMAND = "in quarantine on demand"
    PAUSED = "paused"
    PAUSED_RELAPSES = "paused, goes into quarantine"
    PRUNED = "paused, errors dropped"
    PAUSED_HELD = "paused in quarantine because of deletions"
    ACTIVE = "active"
    NOT_RUN = "set up, but must not be started"
    CREATED = "created, never started"
    FIRST_CYCLE = "in quarantine since its first cycle"
    STALE = "in quarantine, and replicas lag behind"
    ERRORS = "in quarantine, runs with errors in entries"
    NOT_CONFIGURED = "without credentials"


HELD: Final = frozenset({Kind.DELETES, Kind.ON_DEMAND, Kind.PRUNED, Kind.PAUSED_HELD})
"""The kinds that only `force` starts."""

NEVER: Final = frozenset({Kind.ACTIVE, Kind.NOT_RUN, Kind.NOT_CONFIGURED})
"""The kinds that no request starts."""

_MIX: Final = (
    *[Kind.RECOVERS] * 4,
    *[Kind.RELAPSES] * 4,
    *[Kind.SLOW] * 2,
    *[Kind.PAUSED] * 2,
    *[kind for kind in Kind if kind not in (Kind.RECOVERS, Kind.RELAPSES, Kind.SLOW, Kind.PAUSED)],
)


@dataclass(frozen=True, slots=True)
class Principal:
    """An enterprise application."""

    object_id: str
    app_id: str
    is_allowed: bool = True
    """Whether the app may start its jobs (ALLOWED_SERVICE_PRINCIPALS)."""


@dataclass(frozen=True, slots=True)
class Job:
    """A job of an application."""

    principal: Principal
    kind: Kind
    value: SynchronizationJob
    behaviour: Mapping[str, Any] = field(default_factory=dict)
    """`_sim` of the job (`local.cloud`)."""

    @property
    def job_id(self) -> str:
        """Its id."""
        return str(self.value["id"])

    def set_up(self, simulation: Simulation) -> None:
        """Put it into the tenant."""
        simulation.put_principal(self.principal.object_id, app_id=self.principal.app_id)
        simulation.put_job(self.principal.object_id, self.value, **self.behaviour)


def draw_tenant(random: Random, count: int) -> tuple[Job, ...]:
    """That many jobs, with one to three per principal. Every kind occurs if there are enough jobs.

    One in twelve belongs to an application that is not allowed.
    """
    kinds = [_MIX[index % len(_MIX)] for index in range(count)]
    random.shuffle(kinds)
    drawn: list[Job] = []
    while len(drawn) < count:
        principal = draw_principal(random)
        size = random.randint(1, _JOBS_OF_A_PRINCIPAL)
        drawn += [draw_job(random, principal, kind) for kind in kinds[len(drawn) : len(drawn) + size]]
    forbidden = count // _FORBIDDEN_EVERY
    return (*drawn[: count - forbidden], *(draw_forbidden(random) for _ in range(forbidden)))


def draw_principal(random: Random) -> Principal:
    """An enterprise application with ids of its own."""
    return Principal(draw_guid(random), draw_guid(random))


def draw_forbidden(random: Random) -> Job:
    """A job that a start would help, of an application that is not on the list."""
    return draw_job(random, replace(draw_principal(random), is_allowed=False), Kind.RECOVERS)


def draw_job(random: Random, principal: Principal, kind: Kind) -> Job:
    """A job of that kind."""
    job_id = f"scim.{random.getrandbits(128):032x}.{random.getrandbits(128):032x}"
    return Job(principal, kind, _value(random, kind, job_id), _behaviour(random, kind))


def draw_guid(random: Random) -> str:
    """A random GUID."""
    return str(uuid.UUID(int=random.getrandbits(128), version=4))


def _value(random: Random, kind: Kind, job_id: str) -> SynchronizationJob:
    # Each job has a series of its own, because the series identifies the episode.
    hours = random.uniform(1, 48)
    match kind:
        case Kind.DELETES:
            return jobs.quarantined(job_id, reason="TooManyDeletes", hours=hours)
        case Kind.ON_DEMAND:
            return jobs.quarantined(job_id, reason="QuarantinedOnDemand", hours=hours)
        case Kind.PAUSED | Kind.PAUSED_RELAPSES:
            return jobs.paused(job_id)
        case Kind.PRUNED:
            return jobs.paused(job_id, escrows_pruned=True)
        case Kind.ACTIVE:
            return jobs.active(job_id)
        case Kind.PAUSED_HELD:
            return jobs.paused(job_id, reason="TooManyDeletes")
        case Kind.NOT_RUN:
            return jobs.not_run(job_id)
        case Kind.CREATED:
            return jobs.created(job_id)
        case Kind.FIRST_CYCLE:
            return jobs.quarantined(job_id, first_cycle=True)
        case Kind.NOT_CONFIGURED:
            return jobs.not_configured(job_id)
        case Kind.RECOVERS | Kind.RELAPSES | Kind.SLOW | Kind.SILENT | Kind.STALE | Kind.ERRORS:
            return jobs.quarantined(job_id, hours=hours)


def _behaviour(random: Random, kind: Kind) -> dict[str, Any]:
    match kind:
        case Kind.RELAPSES | Kind.PAUSED_RELAPSES:
            return {"afterStart": "relapse", "afterSeconds": random.uniform(0.5, 3)}
        case Kind.SLOW:
            # Shorter than SECOND_START_AFTER.
            return {"shownAfterSeconds": random.uniform(0.1, 2.0)}
        case Kind.STALE:
            return {"staleReads": sorted(random.sample(range(1, 9), 3)), "afterSeconds": random.uniform(0.1, 2)}
        case Kind.ERRORS:
            return {"afterStart": "entryErrors", "afterSeconds": random.uniform(0.1, 2)}
        case Kind.SILENT:
            return {"afterStart": "nothing"}
        case _:
            return {"afterSeconds": random.uniform(0.1, 2)}
