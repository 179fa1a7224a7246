"""The recovery timer on Microsoft's runtime library: it reads started jobs, and puts each fate on the queue at once."""

from __future__ import annotations

import json
import threading
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceNotFoundError
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.client.jobs import active, quarantined
from shared.ledger.entry import Entry, now
from shared.ledger.table import LedgerTable
from shared.request.reference import JobReference
from shared.request.start_request import derive_request_id
from tests.examples import JOB, REQUEST_ID, check_event, job_json, open_message, start, start_request
from tests.runtime.app import running
from tests.unit.open_gate import OpenGate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.client.simulation import Simulation
    from local.parts.system import LocalSystem
    from tests.runtime.app import App

RUN = {"state": "Succeeded", "timeBegan": "2100-01-01T00:00:00Z"}


class Names:
    """Queues and a table of one test only. A queue does not exist until something is put on it."""

    def __init__(self) -> None:
        self.status = f"status-{uuid.uuid4().hex}"
        self.notices = f"notices-{uuid.uuid4().hex}"
        self.ledger = f"Ledger{uuid.uuid4().hex}"

    @property
    def settings(self) -> dict[str, str]:
        return {"START_STATUS_QUEUE": self.status, "START_NOTICES_QUEUE": self.notices, "LEDGER_TABLE": self.ledger}


@pytest.fixture
def names() -> Names:
    return Names()


def messages(system: LocalSystem, name: str) -> list[dict[str, Any]]:
    """The messages on a queue. They stay there, but are hidden for a while."""
    with QueueClient.from_connection_string(system.storage, name) as queue, suppress(ResourceNotFoundError):
        return [open_message(message.content) for message in queue.receive_messages(visibility_timeout=600)]
    return []


def events(system: LocalSystem, names: Names) -> list[dict[str, Any]]:
    return [check_event(told) for told in messages(system, names.status)]


@contextmanager
def ledger_of(system: LocalSystem, names: Names) -> Iterator[LedgerTable]:
    with TableServiceClient.from_connection_string(system.storage) as tables:
        yield LedgerTable(tables.get_table_client(names.ledger), OpenGate())


def test_a_started_job_is_followed_until_its_recovery_is_told(
    system: LocalSystem, simulation: Simulation, principal: str, names: Names
) -> None:
    simulation.put_job(principal, quarantined(JOB), afterStart="nothing")
    request = {"requestId": REQUEST_ID, "servicePrincipalId": principal, "jobId": JOB}
    told_to = {"NOTIFY_WEBHOOK": "https://hooks.contoso.com/x", "NOTIFY_OUTCOMES": "recovered"}
    with running(**{**system.settings, **names.settings, **told_to}) as app:
        (text,) = app.deliver("start_job", json.dumps(request))["outputs"]["status"]
        started = check_event(open_message(text))
        assert app.run_timer("follow_starts") == {"outputs": {}}
        assert events(system, names) == []

        simulation.put_job(principal, {**active(JOB), "status": {**active(JOB)["status"], "lastExecution": RUN}})
        assert app.run_timer("follow_starts") == {"outputs": {}}
        (told,) = events(system, names)
        assert (told["data"]["outcome"], told["data"]["reason"]) == ("recovered", "running_again")
        assert told["data"]["requestedBy"] == started["data"]["requestedBy"]
        (notice,) = messages(system, names.notices)
        assert (notice["target"], notice["event"]["id"]) == ("webhook", told["id"])
        app.run_timer("follow_starts")
    assert events(system, names) == []


def test_a_run_that_is_killed_has_told_what_it_had_read_and_the_next_one_tells_the_rest(
    system: LocalSystem, simulation: Simulation, principal: str, names: Names
) -> None:
    jobs = [f"job-{number}" for number in range(60)]
    with ledger_of(system, names) as ledger:
        for job in jobs:
            request = start_request(request_id=derive_request_id(job, "0"), job=JobReference(principal, None, job))
            latest = start(request, follow_until=now().replace(year=2099))
            ledger.put(Entry(job=request.job, latest=latest))
            simulation.put_job(principal, job_json("Active", job_id=job, lastExecution=RUN))
    simulation.set_latency(0.5)
    try:
        with running(**{**system.settings, **names.settings}) as app:
            run = threading.Thread(target=_run_until_killed, args=(app,))
            run.start()
            while not (first := events(system, names)):
                assert run.is_alive(), "the run ended without an event"
            app.kill()
            run.join()
    finally:
        simulation.set_latency(0)
    while more := events(system, names):
        first += more
    assert 0 < len(first) < len(jobs)

    with running(**{**system.settings, **names.settings}) as app:
        app.run_timer("follow_starts")
        app.run_timer("follow_starts")
    rest: list[dict[str, Any]] = []
    while more := events(system, names):
        rest += more
    ids = [told["id"] for told in first + rest]
    assert len(set(ids)) == len(jobs)
    # Jobs in progress at the kill, one per thread, may be reported again, with the same id.
    assert len(ids) <= len(jobs) + 8


def _run_until_killed(app: App) -> None:
    with suppress(AssertionError, OSError):
        app.run_timer("follow_starts")
