"""The watch timer on Microsoft's runtime library: what it puts on the queue, and that it needs WATCH."""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.client.jobs import active, quarantined
from tests.examples import JOB, check_event, open_message
from tests.runtime.app import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.client.simulation import Simulation
    from local.parts.system import LocalSystem
    from tests.runtime.app import App


class Watching:
    """An app that watches one application, with a queue and a table of its own."""

    def __init__(self, app: App, queue: QueueClient) -> None:
        self.app = app
        self._queue = queue

    def requests(self) -> list[dict[str, Any]]:
        """Take the requests off the queue."""
        found = list(self._queue.receive_messages())
        for message in found:
            self._queue.delete_message(message)
        return [open_message(message.content) for message in found]


@contextmanager
def watching(system: LocalSystem, **settings: str) -> Iterator[Watching]:
    name = f"watch-{uuid.uuid4().hex}"
    own = {"START_REQUESTS_QUEUE": name, "LEDGER_TABLE": f"Ledger{uuid.uuid4().hex}", **settings}
    with QueueClient.from_connection_string(system.storage, name) as queue:
        queue.create_queue()
        with running(**{**system.settings, **own}) as app:
            yield Watching(app, queue)


def held(app: App, principal: str) -> None:
    """Request the job of an application, and check that it is held."""
    (text,) = app.deliver("start_job", json.dumps(_request(principal)))["outputs"]["status"]
    assert check_event(open_message(text))["data"]["reason"] == "too_many_deletes"


def _request(principal: str) -> dict[str, str]:
    return {"requestId": str(uuid.uuid4()), "servicePrincipalId": principal, "jobId": JOB}


def test_quarantine_is_put_on_the_queue_once(system: LocalSystem, simulation: Simulation, principal: str) -> None:
    simulation.put_job(principal, quarantined(JOB))
    simulation.put_job(principal, active("b"))
    with watching(system, WATCH=principal) as watch:
        assert [watch.app.run_timer("watch_jobs") for _ in range(2)] == [{"outputs": {}}] * 2
        (request,) = watch.requests()
        assert (request["jobId"], request["startWhen"]) == (JOB, ["Quarantine"])
        assert request["requestedBy"]["source"] == "watch"
        (text,) = watch.app.deliver("start_job", json.dumps(request))["outputs"]["status"]
        assert open_message(text)["data"]["reason"] == "quarantine_cleared"
        watch.app.run_timer("watch_jobs")
        assert watch.requests() == []


def test_hold_of_an_alert_is_known_to_the_watch(system: LocalSystem, simulation: Simulation, principal: str) -> None:
    simulation.put_job(principal, quarantined(JOB, reason="TooManyDeletes"))
    with watching(system, WATCH="all", ALLOWED_SERVICE_PRINCIPALS=principal) as watch:
        held(watch.app, principal)
        watch.app.run_timer("watch_jobs")
        assert watch.requests() == []


def test_missing_permission_is_an_event(system: LocalSystem, simulation: Simulation, principal: str) -> None:
    simulation.put_job(principal, active(JOB))
    simulation.fault(path_contains="/synchronization/jobs", status=401, times=None)
    with watching(system, WATCH=principal, GIVE_UP_AFTER="0.0005") as watch:
        assert watch.app.run_timer("watch_jobs") == {"outputs": {}}
        sleep(2)
        (text,) = watch.app.run_timer("watch_jobs")["outputs"]["status"]
        told = check_event(open_message(text))
        assert watch.app.run_timer("watch_jobs") == {"outputs": {}}
    assert (told["data"]["outcome"], told["data"]["reason"]) == ("failed", "permission_missing")
    assert told["subject"] == f"servicePrincipals/{principal}"


@pytest.mark.parametrize(("settings", "tables"), [({}, 0), ({"WATCH": "allowed"}, 1)])
def test_without_watch_a_hold_touches_no_table(
    system: LocalSystem, simulation: Simulation, principal: str, settings: dict[str, str], tables: int
) -> None:
    simulation.put_job(principal, quarantined(JOB, reason="TooManyDeletes"))
    table = f"Ledger{uuid.uuid4().hex}"
    own = {"LEDGER_TABLE": table, "ALLOWED_SERVICE_PRINCIPALS": principal, **settings}
    with running(**{**system.settings, **own}) as app:
        held(app, principal)
    with TableServiceClient.from_connection_string(system.storage) as service:
        assert len(list(service.query_tables(f"TableName eq '{table}'"))) == tables
