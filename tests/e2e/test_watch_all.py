"""The watch over a whole tenant: 2,000 applications, 150 with jobs, Graph at 50 ms, and throttling in batches."""

from __future__ import annotations

import json
import random
import re
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest
from azure.data.tables import TableClient

from local.client import jobs
from shared.time_text import format_time
from shared.watching.episodes import episode_id
from tests.e2e.options import ONE_DAY_IN_FOUR_YEARS, quick
from tests.e2e.tenant import ended_in, new_job_id
from tests.examples import check_event

if TYPE_CHECKING:
    from local.client.simulation import Call, Simulation
    from local.client.status_events import Event
    from local.parts.system import LocalSystem, Options

APPLICATIONS, WITH_JOBS, IN_QUARANTINE = 2000, 150, 20
RUNS_OF_THE_FIRST_ROUND = 3
CALLS_BESIDE_BATCHES = 20


@pytest.fixture(scope="module")
def options() -> Options:
    """The watch does not run before the tenant is set up."""
    return quick(settings={"WATCH": "all", "WATCH_SCHEDULE": ONE_DAY_IN_FOUR_YEARS, "GIVE_UP_AFTER": "0.003"})


@pytest.fixture(scope="module")
def quarantined(system: LocalSystem) -> list[str]:
    """The ids of the expected requests. From now on, each run follows the previous one without a pause."""
    (host,) = system.hosts
    host.stop()
    due = _set_up(system.simulation)
    # Refuse every 80th call and the two after it, until more than half of the applications were listed once.
    system.simulation.answers(
        [
            each
            for retry_after in range(1, 16)
            for each in (
                {"repeat": 80, "delaySeconds": 0.001},
                {"repeat": 3, "status": 429, "headers": {"Retry-After": str(1 + retry_after % 2)}},
            )
        ],
        path_ends_with="/synchronization/jobs",
    )
    system.simulation.set_latency(0.05)
    system.simulation.clear_calls()
    host.settings["WATCH_SCHEDULE"] = "* * * * * *"
    host.start()
    return due


def _set_up(simulation: Simulation) -> list[str]:
    due: list[str] = []
    numbers = random.Random(7).sample(range(APPLICATIONS), WITH_JOBS)  # noqa: S311 - not security-relevant
    for number in range(APPLICATIONS):
        principal = _principal(number)
        simulation.put_principal(principal, app_id=str(uuid.uuid4()))
        if number not in numbers:
            continue
        job_id = new_job_id()
        if numbers.index(number) >= IN_QUARANTINE:
            simulation.put_job(principal, jobs.active(job_id))
            continue
        job = jobs.quarantined(job_id)
        simulation.put_job(principal, job, afterStart="nothing")
        due.append(episode_id(principal, job_id, job["status"]["quarantine"]["seriesBegan"]))
    return due


def _principal(number: int) -> str:
    return f"{number:08x}-0000-4000-8000-000000000000"


def asked_of(calls: list[Call]) -> Counter[str]:
    """How often Graph listed the jobs of each application."""
    paths = (call["path"] for call in calls if call.get("inBatch") and call["status"] == 200)
    return Counter(path.split("/")[3] for path in paths if path.endswith("/synchronization/jobs"))


def beside_batches(calls: list[Call]) -> int:
    """How many calls were neither a batch, nor part of one, nor made for a start."""
    alone = [call for call in calls if not call.get("inBatch") and not call["path"].endswith("/$batch")]
    return sum("/synchronization/jobs/" not in call["path"] for call in alone)


def runs(system: LocalSystem) -> list[str]:
    """The log line of each run so far."""
    return re.findall(r"jobs_watched .*", system.hosts[0].log_text)


def wait(system: LocalSystem, wanted: str, *, after: int = 0, longest: float = 320) -> int:
    """Wait for a run whose log line contains a text. Returns how many runs there were by then."""
    deadline = monotonic() + longest
    while True:
        lines = runs(system)
        for count, text in enumerate(lines[after:], after + 1):
            if wanted in text:
                return count
        assert monotonic() < deadline, lines[-3:]
        sleep(0.2)


def events(system: LocalSystem, count: int) -> list[Event]:
    """The next events, and any others that have arrived by then."""
    found = [check_event(system.app.events.next()) for _ in range(count)]
    return found + system.app.events.read()


@pytest.mark.timeout(400)
def test_first_round_finds_every_quarantine_once(system: LocalSystem, quarantined: list[str]) -> None:
    count = wait(system, "complete=true")
    told = events(system, len(quarantined))
    calls = system.simulation.calls()

    assert count <= RUNS_OF_THE_FIRST_ROUND
    assert all(int(re.findall(r"durationMs=(\d+)", text)[0]) < 110_000 for text in runs(system)[:count])
    assert sorted(event["data"]["requestId"] for event in told) == sorted(quarantined)
    assert {ended_in(event) for event in told} == {"started/quarantine_cleared"}
    asked = asked_of(calls)
    assert {_principal(number) for number in range(APPLICATIONS)} == asked.keys()
    assert any(call["status"] == 429 for call in calls if call.get("inBatch"))
    assert beside_batches(calls) <= CALLS_BESIDE_BATCHES


@pytest.mark.timeout(400)
def test_later_runs_look_at_those_with_jobs_alone(system: LocalSystem, quarantined: list[str]) -> None:
    before = len(runs(system))
    system.simulation.clear_faults()
    wait(system, "complete=true", after=before + 1)
    system.simulation.clear_calls()
    before = len(runs(system))
    wait(system, "complete=true", after=before + 1)
    calls = system.simulation.calls()

    assert len(asked_of(calls)) == WITH_JOBS
    assert beside_batches(calls) == 0
    assert f"withJobs={WITH_JOBS} jobs={WITH_JOBS} inQuarantine=0 active={WITH_JOBS}" in runs(system)[-1]
    assert system.app.events.read() == []
    assert quarantined


@pytest.mark.timeout(400)
def test_a_day_later_all_are_looked_at_again(system: LocalSystem, quarantined: list[str]) -> None:
    new = _principal(APPLICATIONS)
    job = jobs.quarantined(new_job_id())
    system.simulation.put_job(new, job, afterStart="nothing")
    system.simulation.clear_calls()
    _age_by_a_day(system)

    (told, *others) = events(system, 1)
    wait(system, "complete=true", after=len(runs(system)))
    calls = system.simulation.calls()

    assert told["data"]["requestId"] == episode_id(new, job["id"], job["status"]["quarantine"]["seriesBegan"])
    assert others == []
    assert len(asked_of(calls)) == APPLICATIONS + 1
    assert beside_batches(calls) <= CALLS_BESIDE_BATCHES
    assert quarantined


def _age_by_a_day(system: LocalSystem) -> None:
    """Make the last round look a day old."""
    with TableClient.from_connection_string(system.storage, "StartLedger") as table:
        row = table.get_entity("watch", "progress")
        began = datetime.now(UTC) - timedelta(hours=25)
        row["Pass"] = json.dumps({**json.loads(row["Pass"]), "began": format_time(began)})
        table.update_entity(row)


@pytest.mark.timeout(400)
def test_missing_permission_to_find_applications_is_told_once(system: LocalSystem, quarantined: list[str]) -> None:
    system.simulation.fault(path_ends_with="/servicePrincipals", status=403, times=None)
    _age_by_a_day(system)

    (told, *others) = events(system, 1)
    before = len(runs(system))
    wait(system, "refused=1", after=before + 2)

    assert ended_in(told) == "failed/permission_missing"
    assert "Application.Read.All" in told["data"]["advice"]
    assert told["data"]["requestedBy"] == {"source": "watch"}
    assert others + system.app.events.read() == []
    assert f"withJobs={WITH_JOBS + 1}" in runs(system)[-1]  # those are still listed
    assert quarantined
