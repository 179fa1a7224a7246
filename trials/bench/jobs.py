"""Jobs to start on the simulated Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from local.client.jobs import quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.client.simulation import Simulation

PRINCIPAL: Final = "7b1d3c55-0c1e-4a0e-9a51-6a1f0d2b9c77"


def quarantine(simulation: Simulation, job_ids: Iterable[str]) -> None:
    """Put the jobs of that principal into quarantine. Once started, they stay Active."""
    for job_id in job_ids:
        simulation.put_job(PRINCIPAL, quarantined(job_id), afterStart="nothing")
