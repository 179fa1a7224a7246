"""Microsoft's own library, msgraph-sdk, reads from the simulated Graph's jobs the same as the app.

It runs if `make msgraph` has installed the library. Without it, the app is compared with recorded results
(tests/cases/msgraph_reads.json: jobs, and what read_by_msgraph.py returned for each).
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from local.client import jobs
from local.parts.environment import REPOSITORY
from shared.graph.job import parse_job
from tests.waiting import wait_for

if TYPE_CHECKING:
    from local.client.jobs import SynchronizationJob
    from local.client.simulation import Simulation
    from tests.local.cloud.caller import Caller

type Read = dict[str, Any]

MSGRAPH_PYTHON: Final = REPOSITORY / ".venv" / "msgraph" / "bin" / "python"
READER: Final = Path(__file__).with_name("read_by_msgraph.py")
RECORDED: Final = Path(__file__).parents[2] / "cases" / "msgraph_reads.json"
needs_msgraph: Final = pytest.mark.skipif(
    not MSGRAPH_PYTHON.exists(), reason="msgraph-sdk is not installed in .venv/msgraph: `make msgraph` installs it"
)

JOBS: Final[dict[str, SynchronizationJob]] = {
    "quarantined": jobs.quarantined("job"),
    "quarantined-first-cycle": jobs.quarantined("job", first_cycle=True),
    "quarantined-cause-in-last-run": jobs.quarantined("job", error_in_quarantine=False),
    "quarantined-disabled": jobs.quarantined("job", schedule="Disabled"),
    "quarantined-deletes": jobs.quarantined("job", reason="TooManyDeletes"),
    "quarantined-on-demand": jobs.quarantined("job", reason="QuarantinedOnDemand"),
    "paused": jobs.paused("job"),
    "paused-with-error": jobs.paused("job", error=jobs.CREDENTIALS),
    "paused-after-deletes": jobs.paused("job", reason="TooManyDeletes"),
    "paused-escrows-pruned": jobs.paused("job", escrows_pruned=True),
    "created": jobs.created("job"),
    "not-configured": jobs.not_configured("job"),
    "not-run": jobs.not_run("job"),
    "first-cycle": jobs.first_cycle("job"),
    "active": jobs.active("job"),
    "entry-errors": jobs.active("job", state="EntryLevelErrors", countExported=912, countEscrowed=3),
}


def read_by_library(values: list[Any]) -> list[Read]:
    done = subprocess.run(  # noqa: S603 - a script of this repository
        [MSGRAPH_PYTHON, READER], input=json.dumps(values), capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    reads: list[Read] = json.loads(done.stdout)
    return reads


def read_by_app(value: Any) -> Read:
    """What the app reads, by the names of the library's reader."""
    job = parse_job(value)
    assert job is not None
    assert job.schedule is not None
    return {
        "id": job.job_id,
        "code": str(job.code),
        "escrowsPruned": job.escrows_pruned,
        "schedule": job.schedule.state,
        "reason": job.quarantine.reason if job.quarantine else None,
        "quarantineError": job.quarantine.error.code if job.quarantine and job.quarantine.error else None,
    }


def executed(value: Any) -> Read | None:
    """What the app reads of the last run, or None if Graph shows one that never happened."""
    job = parse_job(value)
    ran = job.last_execution if job else None
    if ran is None:
        return None
    return {
        "lastState": ran.state,
        "lastError": ran.error.code if ran.error else None,
        "exported": ran.count_exported,
        "escrowed": ran.count_escrowed,
    }


def check_agreement(value: Any, library: Read) -> None:
    app = read_by_app(value) | (executed(value) or {})
    assert app == {name: library[name] for name in app}


@needs_msgraph
def test_library_and_app_read_the_same_of_every_job_before_and_after_a_start(
    caller: Caller, simulation: Simulation
) -> None:
    values = [each for name, job in JOBS.items() for each in lives_of(caller, simulation, name, job)]

    reads = read_by_library(values)

    codes = {read["code"] for read in reads}
    assert codes == {"Active", "NotConfigured", "NotRun", "Paused", "Quarantine"}
    for value, read in zip(values, reads, strict=True):
        check_agreement(value, read)


def lives_of(caller: Caller, simulation: Simulation, name: str, job: SynchronizationJob) -> list[Any]:
    """The job as it is, after its start, and after each possible end of its cycle."""
    values: list[Any] = []
    for end in ("succeed", "entryErrors", "relapse"):
        job_id = f"{name}-{end}"
        simulation.put_job(caller.principal, {**job, "id": job_id}, afterStart=end, afterSeconds=0.3)
        before = caller.job(job_id)
        caller.post(f"{caller.jobs}/{job_id}/start")
        started = caller.job(job_id)
        values += [before, started]
        if started != before:
            wait_for(lambda: caller.job(job_id) != started, seconds=30)  # noqa: B023 - called at once
            values.append(caller.job(job_id))
    return values


RECORDS: Final[list[dict[str, Any]]] = json.loads(RECORDED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("record", RECORDS, ids=[record["what"] for record in RECORDS])
def test_app_reads_what_the_library_once_read(record: dict[str, Any]) -> None:
    check_agreement(record["job"], record["read"])


@needs_msgraph
def test_library_still_reads_what_was_recorded() -> None:
    assert read_by_library([record["job"] for record in RECORDS]) == [record["read"] for record in RECORDS]


def test_every_job_has_a_record() -> None:
    assert {record["what"] for record in RECORDS} == set(JOBS)
