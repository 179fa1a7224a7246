"""The status table on Microsoft's runtime library: what is written, and what is removed."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from azure.data.tables import TableServiceClient

from local.client import jobs
from shared.status.entity import day
from shared.status.table import StatusTable
from tests.examples import JOB
from tests.runtime.app import running
from tests.unit.event.test_status_event import event
from tests.unit.open_gate import OpenGate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.client.simulation import Simulation
    from local.parts.system import LocalSystem
    from tests.runtime.app import App

NAME = "KeptStatus"


@pytest.fixture(scope="module")
def app_with_status(system: LocalSystem) -> Iterator[App]:
    with running(**system.settings, STATUS_TABLE=NAME, STATUS_KEY="a secret of at least thirty-two characters") as app:
        yield app


@pytest.fixture
def table(system: LocalSystem) -> Iterator[StatusTable]:
    with TableServiceClient.from_connection_string(system.storage) as service:
        yield StatusTable(service.get_table_client(NAME), OpenGate())


def test_without_a_table_nothing_changes(app: App) -> None:
    assert not {"read_start_request", "list_start_requests"} & app.functions.keys()
    status, answer, _ = app.post(json.dumps({"servicePrincipalId": "6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11"}))
    assert status == 202
    assert "status" not in answer["accepted"][0]


def test_each_event_is_kept(app_with_status: App, simulation: Simulation, principal: str, table: StatusTable) -> None:
    simulation.put_job(principal, jobs.quarantined(JOB))
    request_id = "0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e77"
    body = json.dumps({"servicePrincipalId": principal, "jobId": JOB, "requestId": request_id})
    assert "error" not in app_with_status.deliver("start_job", body)
    now = datetime.now(UTC)
    (kept,) = table.of_request(request_id, now - timedelta(minutes=5), now)
    assert kept["data"]["outcome"] == "started"
    assert [each["id"] for each in table.of_application(principal, now - timedelta(minutes=5), now)] == [kept["id"]]


def test_the_fate_of_a_start_is_added(
    app_with_status: App, simulation: Simulation, principal: str, table: StatusTable
) -> None:
    simulation.put_job(principal, jobs.quarantined(JOB), afterStart="relapse")
    request_id = "0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e78"
    body = json.dumps({"servicePrincipalId": principal, "jobId": JOB, "requestId": request_id})
    app_with_status.deliver("start_job", body)
    deadline = time.monotonic() + 60
    kept: list[dict[str, Any]] = []
    while len(kept) < 2:
        assert time.monotonic() < deadline, kept
        assert "error" not in app_with_status.run_timer("follow_starts")
        now = datetime.now(UTC)
        kept = table.of_request(request_id, now - timedelta(minutes=5), now)
    assert [each["data"]["outcome"] for each in kept] == ["started", "relapsed"]


def test_the_timer_removes_what_is_older_than_thirty_days(app_with_status: App, table: StatusTable) -> None:
    now = datetime.now(UTC)
    old, young = now - timedelta(days=31), now - timedelta(days=29)
    ids = [f"0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7{number:03}" for number in range(250)]
    table.keep([event(request_id=each, finished_at=old) for each in ids])
    table.keep([event(request_id=ids[0], finished_at=young)])
    assert len(table.of_request(ids[0], old, now)) == 2

    assert "error" not in app_with_status.run_timer("follow_starts")

    (left,) = table.of_request(ids[0], old, now)
    assert left["time"].startswith(day(young))
    assert table.of_request(ids[249], old, now) == []


def test_a_table_that_is_not_there_holds_nothing_and_is_made(system: LocalSystem) -> None:
    now = datetime.now(UTC)
    with TableServiceClient.from_connection_string(system.storage) as service:
        table = StatusTable(service.get_table_client("NotMadeYet"), OpenGate())
        assert table.remove_old(now, 10) == 0
        assert table.of_request("x", now, now) == []
        table.keep([event(finished_at=now)])
        assert len(table.of_request(event().request_id, now, now)) == 1


def asked(app: App, url: str) -> tuple[int, dict[str, Any]]:
    """What is answered at the address of a request."""
    parts = urlsplit(url)
    request_id = parts.path.rsplit("/", 1)[1]
    return app.get("read_start_request", {"requestId": request_id}, **dict(parse_qsl(parts.query)))


def test_a_request_is_read_at_the_address_that_its_sender_got(
    app_with_status: App, simulation: Simulation, principal: str
) -> None:
    simulation.put_job(principal, jobs.quarantined(JOB))
    status, answer, outputs = app_with_status.post(json.dumps({"servicePrincipalId": principal, "jobId": JOB}))
    (accepted,) = answer["accepted"]
    assert status == 202
    status, told = asked(app_with_status, accepted["status"])
    assert (status, told["status"], told["events"]) == (202, "underWay", [])

    assert "error" not in app_with_status.deliver("start_job", outputs["requests"][0])
    status, told = asked(app_with_status, accepted["status"])
    assert (status, told["status"], told["outcome"]) == (200, "ended", "started")
    assert told["requestId"] == accepted["requestId"]
    assert asked(app_with_status, accepted["status"] + "A")[0] == 404


def test_the_requests_of_an_application_are_listed_and_those_of_no_other(
    app_with_status: App, simulation: Simulation, principal: str
) -> None:
    simulation.put_job(principal, jobs.quarantined(JOB))
    request_id = str(uuid.uuid4())
    body = json.dumps({"servicePrincipalId": principal, "jobId": JOB, "requestId": request_id})
    app_with_status.deliver("start_job", body)
    status, told = app_with_status.get("list_start_requests", servicePrincipal=principal)
    assert status == 200
    assert [(item["requestId"], item["outcome"]) for item in told["value"]] == [(request_id, "started")]
    assert app_with_status.get("list_start_requests", servicePrincipal=str(uuid.uuid4())) == (200, {"value": []})
    assert app_with_status.get("list_start_requests", servicePrincipal="contoso")[0] == 400
