"""Health, with each check made to fail in turn: within ten seconds, the answer names that one and no other."""

from __future__ import annotations

import json
import socket
import time
import uuid
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import ResourceExistsError
from azure.storage.queue import QueueServiceClient

from local.client.jobs import quarantined
from local.parts.system import LocalSystem, Options
from tests.examples import JOB, open_message
from tests.runtime.app import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.app import App

LIMIT = 10.0
"""The longest that an answer may take, in seconds, whatever fails."""


@pytest.fixture(scope="module")
def system() -> Iterator[LocalSystem]:
    with LocalSystem(Options(hosts=0, targets=True, storage_through_cloud=True)) as system:
        with QueueServiceClient.from_connection_string(system.storage) as queues, suppress(ResourceExistsError):
            queues.create_queue("start-requests")
        yield system


@pytest.fixture(scope="module")
def app(system: LocalSystem) -> Iterator[App]:
    """The app after a first start, so that its ledger exists."""
    with running(**system.settings) as app:
        assert "error" not in app.run_timer("follow_starts")
        yield app


@pytest.fixture(autouse=True)
def nothing_is_broken(system: LocalSystem) -> Iterator[None]:
    yield
    system.simulation.clear_faults()


def asked(app: App, **query: str) -> tuple[int, dict[str, dict[str, Any]]]:
    began = time.monotonic()
    status, told = app.get("check_health", **query)
    assert time.monotonic() - began < LIMIT
    assert (status == 200) is (told["status"] == "ok")
    for check in told["checks"]:
        assert check["message"].endswith("."), check
    return status, {check["name"]: check for check in told["checks"]}


def failing(checks: dict[str, dict[str, Any]]) -> list[str]:
    return [name for name, check in checks.items() if check["status"] == "failing"]


@contextmanager
def changed(system: LocalSystem, **settings: str) -> Iterator[App]:
    with running(**{**system.settings, **settings}) as app:
        yield app


def test_health_is_ok_if_nothing_fails(app: App, system: LocalSystem) -> None:
    status, checks = asked(app)
    assert (status, failing(checks)) == (200, [])
    assert checks["followUp"]["lastRun"]
    assert {name for name, check in checks.items() if check["status"] == "notChecked"} == {"alertRule", "auditLogs"}
    assert checks["alertRule"]["advice"].startswith("az ")
    assert "servicePrincipalId" in checks["graph"]["message"]


def test_a_read_is_tried_where_an_application_is_named(app: App, system: LocalSystem, principal: str) -> None:
    system.simulation.put_job(principal, quarantined(JOB))
    status, checks = asked(app, servicePrincipalId=principal)
    assert (status, checks["graph"]["jobs"]) == (200, 1)
    assert app.get("check_health", servicePrincipalId="contoso")[0] == 400


def test_an_application_that_is_not_there_is_named(app: App) -> None:
    _, checks = asked(app, servicePrincipalId=str(uuid.uuid4()))
    assert failing(checks) == ["graph"]
    assert "servicePrincipalId" in checks["graph"]["advice"]


def test_a_wrong_client_id(app: App, system: LocalSystem) -> None:
    system.simulation.fault(
        service="identity", times=None, status=400, body={"message": "No User Assigned identity found for ClientId"}
    )
    status, checks = asked(app)
    assert (status, failing(checks)) == (503, ["token"])
    assert "No User Assigned" in checks["token"]["message"]
    assert "AZURE_CLIENT_ID" in checks["token"]["advice"]
    assert checks["graph"]["status"] == "notChecked"


@pytest.mark.parametrize("status", [401, 403])
def test_a_missing_permission(app: App, system: LocalSystem, status: int, principal: str) -> None:
    error = {"error": {"code": "UnknownError" if status == 401 else "Authorization_RequestDenied", "message": "No."}}
    system.simulation.fault(service="graph", times=None, status=status, body=error)
    for query in ({}, {"servicePrincipalId": principal}):
        _, checks = asked(app, **query)
        assert failing(checks) == ["graph"]
        assert "Synchronization.ReadWrite.All" in checks["graph"]["advice"]


def test_a_table_that_is_missing(system: LocalSystem) -> None:
    with changed(system, LEDGER_TABLE="NotThere") as app:
        _, checks = asked(app)
    assert failing(checks) == ["ledger"]
    assert "NotThere" in checks["ledger"]["message"]
    assert checks["followUp"]["status"] == "notChecked"


def test_a_table_that_refuses(app: App, system: LocalSystem) -> None:
    system.simulation.fault(
        service="tables",
        times=None,
        status=403,
        body={"odata.error": {"code": "AuthorizationPermissionMismatch", "message": {"value": "No."}}},
    )
    _, checks = asked(app)
    assert failing(checks) == ["ledger"]
    assert "Storage Table Data Contributor" in checks["ledger"]["advice"]
    assert "send" not in checks["ledger"]["advice"]


def test_a_wrong_queue(system: LocalSystem) -> None:
    with changed(system, START_REQUESTS_QUEUE="not-there") as app:
        _, checks = asked(app)
    assert failing(checks) == ["queues"]
    assert "START_REQUESTS_QUEUE" in checks["queues"]["advice"]


def test_a_graph_that_is_blocked(system: LocalSystem) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with changed(system, GRAPH_ENDPOINT=f"http://127.0.0.1:{port}") as app:
            _, checks = asked(app)
    assert failing(checks) == ["graph"]
    assert "ReadTimeout" in checks["graph"]["message"]


def test_an_identity_endpoint_that_never_answers(system: LocalSystem) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/token"
        with changed(system, IDENTITY_ENDPOINT=address) as app:
            _, checks = asked(app)
    assert failing(checks) == ["token"]


def test_a_dead_target(system: LocalSystem, app: App, principal: str) -> None:
    system.simulation.put_job(principal, quarantined(JOB))
    outputs = app.deliver("start_job", json.dumps({"servicePrincipalId": principal, "jobId": JOB}))["outputs"]
    texts = {open_message(text)["target"]: text for text in outputs.get("notices", [])}
    if not texts:  # a request without an id is put back on the queue first
        (request,) = outputs["requests"]
        outputs = app.deliver("start_job", request, message_id="m-2")["outputs"]
        texts = {open_message(text)["target"]: text for text in outputs["notices"]}
    system.told.fault("slack", times=None, status=404, body="no_service")
    app.deliver("send_notice", texts["slack"])
    app.deliver("send_notice", texts["teams"])

    _, checks = asked(app)
    assert failing(checks) == ["target slack"]
    assert "no_service" in checks["target slack"]["message"]
    assert "took a notice" in checks["target teams"]["message"]


def test_a_wrong_setting_of_a_target(system: LocalSystem) -> None:
    with changed(system, NOTIFY_TEAMS="http://contoso.com/hook", NOTIFY_OUTCOMES="startled") as app:
        _, checks = asked(app)
    assert {name for name in failing(checks) if name != "target slack"} == {"target teams", "targets"}
    assert "NOTIFY_TEAMS" in checks["target teams"]["message"]


def test_page_says_if_there_are_no_stand_ins(system: LocalSystem) -> None:
    settings = {name: value for name, value in system.settings.items() if not name.startswith("NOTIFY_")}
    with running(**settings) as app:
        _, checks = asked(app)
    assert checks["targets"]["status"] == "ok"


def test_health_shows_no_secret(app: App, system: LocalSystem) -> None:
    secrets = {
        value
        for name, value in system.settings.items()
        if name.startswith("NOTIFY_") or name in ("AzureWebJobsStorage", "IDENTITY_HEADER")
        if len(value) > 20
    }
    told = json.dumps(app.get("check_health")[1])
    assert len(secrets) > 5
    assert [value for value in secrets if value in told] == []
