"""The plan of a run: everything random, drawn from the seed before the run begins."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final

from trials.chaos.entries import BROKEN, EntryBreaks
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
_ENTRY_BREAKS_EVERY: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is in the tenant, what is sent, and what goes wrong."""

    jobs: tuple[Job, ...]
    sendings: tuple[Sending, ...]
    faults: tuple[Fault, ...]
    seconds: float
    """How long the sending and the faults take."""
    max_dequeue: int = 8
    """How often the host tries a message. The app's own host.json has the same value."""
    has_odd_entries: bool = False
    """Whether the ledger has unreadable entries from the start."""

    @property
    def allowed(self) -> frozenset[str]:
        """The ids, of both kinds, of the applications whose jobs the app may start."""
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
    """The plan for these numbers; it is always the same. `outage` is how many seconds storage is away in the middle."""
    random = Random(seed)  # noqa: S311 - a repeatable plan, not a secret
    seconds = max(_SHORTEST_SECONDS, requests / _REQUESTS_PER_SECOND)
    tenant = draw_tenant(random, jobs)
    return Plan(
        jobs=tenant,
        sendings=draw_sendings(random, tenant, requests, seconds),
        faults=(*draw_faults(random, HOSTS, seconds, outage), *_draw_breaks(random, seconds)),
        seconds=seconds,
        has_odd_entries=True,
    )


def _draw_breaks(random: Random, seconds: float) -> list[EntryBreaks]:
    """Now and then an entry becomes unreadable, and is repaired."""
    moments = sorted(random.uniform(0.2, 1) * seconds for _ in range(max(1, round(seconds / _ENTRY_BREAKS_EVERY))))
    return [
        EntryBreaks(at=at, which=random.random(), change=random.choice(BROKEN), seconds=random.uniform(1, 3))
        for at in moments
    ]
