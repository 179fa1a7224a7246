"""The plan of a run: all that chance decides, drawn from the seed before anything happens."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from trials.chaos.faults import draw_faults
from trials.chaos.sendings import draw_sendings
from trials.chaos.tenant import draw_tenant

if TYPE_CHECKING:
    from trials.chaos.faults import Fault
    from trials.chaos.sendings import Sending
    from trials.chaos.tenant import Job

HOSTS: Final = 2

_REQUESTS_PER_SECOND: Final = 25
_SHORTEST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is there, what is sent, and what goes wrong."""

    jobs: tuple[Job, ...]
    sendings: tuple[Sending, ...]
    faults: tuple[Fault, ...]
    seconds: float
    """How long it takes: then the faults are over."""
    max_dequeue: int = 40
    """How often a message is tried: giving up is allowed, and should be rare."""

    @property
    def allowed(self) -> frozenset[str]:
        """The ids of the applications that the app may start jobs of, of either kind."""
        principals = [job.principal for job in self.jobs if job.principal.is_allowed]
        return frozenset(each for principal in principals for each in (principal.object_id, principal.app_id))

    @property
    def job_ids(self) -> dict[str, frozenset[str]]:
        """The jobs of each application, by its object id."""
        jobs: dict[str, frozenset[str]] = {}
        for job in self.jobs:
            jobs[job.principal.object_id] = jobs.get(job.principal.object_id, frozenset()) | {job.job_id}
        return jobs


def draw_plan(seed: int, *, jobs: int, requests: int, outage: float = 0) -> Plan:
    """The same plan for the same numbers. `outage`: how many seconds storage is away in the middle."""
    random = Random(seed)  # noqa: S311 - a repeatable plan, no secret
    seconds = max(_SHORTEST_SECONDS, requests / _REQUESTS_PER_SECOND)
    tenant = draw_tenant(random, jobs)
    return Plan(
        jobs=tenant,
        sendings=draw_sendings(random, tenant, requests, seconds),
        faults=draw_faults(random, HOSTS, seconds, outage),
        seconds=seconds,
    )
