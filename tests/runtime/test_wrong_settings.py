"""Wrong settings: all functions exist, those that use the setting report it, and the others work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from azure.storage.queue import QueueClient

from tests.examples import JOB, PRINCIPAL, REQUEST_ID, check_event, open_message
from tests.runtime.app import REPOSITORY, running
from tests.runtime.test_indexing import EXPECTED, bindings
from tests.unit.test_wrong_settings import BLANKS, WRONG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.client.simulation import Simulation
    from local.parts.system import LocalSystem

TICKET = json.dumps({"servicePrincipalId": PRINCIPAL, "jobId": JOB})
REQUEST = json.dumps({"requestId": REQUEST_ID, "servicePrincipalId": PRINCIPAL, "jobId": JOB})
DIRECT, BY_SOURCE = None, "generic"


@pytest.fixture
def requests_queue(system: LocalSystem) -> Iterator[QueueClient]:
    """A queue for requests that wait."""
    with QueueClient.from_connection_string(system.storage, f"requests-{uuid.uuid4().hex}") as queue:
        queue.create_queue()
        yield queue


@pytest.mark.parametrize("which", [None, 1, -1], ids=["blank", "misspelt", "out of range"])
def test_an_app_with_every_setting_wrong_has_all_its_functions(which: int | None) -> None:
    values = {name: BLANKS if which is None else wrong or BLANKS for name, wrong in WRONG.items()}
    wrong = {name: each[min(which or 0, len(each) - 1)] for name, each in values.items()}
    wrong["NOTIFY_TEAMS"] = wrong.pop("NOTIFY_")
    with running(**wrong) as app:
        assert bindings(app) == EXPECTED
        status, answer, outputs = app.post(TICKET)
        assert (status, outputs) == (503, {})
        assert {error["setting"] for error in answer["errors"]} == {"QUEUE_CONNECTION", "START_REQUESTS_QUEUE"}


def test_what_is_wrong_is_written_to_stderr_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import function_app"],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "GRAPH_VERSION": "v2", "WEBHOOK_SECRET_ZENDESK": " "},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    assert done.stderr.splitlines()[:3] == [
        "Invalid application settings:",
        "GRAPH_VERSION is 'v2', but must be one of v1.0, beta",
        "WEBHOOK_SECRET_ZENDESK is blank; give it a value, or delete it",
    ]
    assert done.stderr.count("GRAPH_VERSION") == 1


@pytest.mark.parametrize("source", [DIRECT, BY_SOURCE])
@pytest.mark.parametrize(
    ("name", "value"), [("QUEUE_CONNECTION", "NOWHERE"), ("START_REQUESTS_QUEUE", "Start_Requests")]
)
def test_answer_names_the_setting_that_closes_the_intake(source: str | None, name: str, value: str) -> None:
    with running(**{name: value}) as app:
        status, answer, outputs = app.post(TICKET, source=source)
    assert (status, answer["content-type"], outputs) == (503, "application/problem+json", {})
    (error,) = answer["errors"]
    assert error["setting"] == name
    assert error["detail"].startswith(f"{name} is ")


def test_a_wrong_secret_closes_its_source_alone() -> None:
    with running(WEBHOOK_SECRET_ZENDESK=" ", SOURCES="zendesk,generic") as app:
        status, answer, outputs = app.post(TICKET, source="zendesk")
        assert (status, outputs) == (503, {})
        assert [error["setting"] for error in answer["errors"]] == ["WEBHOOK_SECRET_ZENDESK"]
        assert app.post(TICKET, source="generic")[0] == 202
        assert app.post(TICKET)[0] == 202


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AZURE_TOKEN_CREDENTIALS", "ManagedIdentity"),
        ("ALLOWED_SERVICE_PRINCIPALS", " "),
        ("GRAPH_ENDPOINT", "https://graph.microsoft.us\\.contoso.com"),
        ("JOB_LEASE", "1"),
    ],
)
def test_a_request_is_taken_and_waits_until_the_setting_is_corrected(
    system: LocalSystem, simulation: Simulation, requests_queue: QueueClient, name: str, value: str
) -> None:
    settings: dict[str, Any] = {**system.settings, "START_REQUESTS_QUEUE": requests_queue.queue_name, name: value}
    with running(**settings) as app:
        assert app.post(TICKET)[0] == 202
        assert app.post(TICKET, source="generic")[0] == 202

        (text,) = app.deliver("start_job", REQUEST)["outputs"]["status"]
        told = check_event(open_message(text))
        assert (told["data"]["outcome"], told["data"]["reason"]) == ("delayed", "settings_wrong")
        assert name in told["data"]["message"]
        assert "Correct" in told["data"]["advice"]
        waiting = requests_queue.peek_messages()
        assert waiting == [], "it is hidden until it is due"
        assert requests_queue.get_queue_properties().approximate_message_count == 1

        (text,) = app.deliver("report_abandoned", REQUEST)["outputs"]["status"]
        assert check_event(open_message(text))["data"]["reason"] == "gave_up"
    assert simulation.calls() == []


def test_wrong_setting_is_reported_once_per_request(system: LocalSystem, requests_queue: QueueClient) -> None:
    settings = {"START_REQUESTS_QUEUE": requests_queue.queue_name, "GRAPH_VERSION": "v2"}
    since = {"version": 1, "since": "2100-01-01T00:00:00.000Z", "tries": 1, "told": True}
    with running(**{**system.settings, **settings}) as app:
        again = app.deliver("start_job", json.dumps({"request": json.loads(REQUEST), "waiting": since}))
    assert again == {"outputs": {}}


def test_a_connection_without_tables_lets_requests_wait(system: LocalSystem, simulation: Simulation) -> None:
    settings = {
        "GIVE_UP_AFTER": "24",
        "AzureWebJobsStorage": "",
        "AzureWebJobsStorage__queueServiceUri": "http://127.0.0.1:1/devstoreaccount1",
    }
    with running(**{**system.settings, **settings}) as app:
        outputs = app.deliver("start_job", REQUEST, dequeue_count=5)["outputs"]
        told = check_event(open_message(outputs["status"][0]))
        assert (told["data"]["outcome"], told["data"]["reason"]) == ("delayed", "settings_wrong")
        assert "AzureWebJobsStorage__tableServiceUri" in told["data"]["message"]
        assert open_message(outputs["requests"][0])["request"]["requestId"] == REQUEST_ID
    assert simulation.calls() == []


@pytest.mark.parametrize("source", [DIRECT, BY_SOURCE])
def test_nothing_is_taken_that_could_not_be_queued(source: str | None) -> None:
    with running(QUEUE_CONNECTION="not a name") as app:
        status, answer, outputs = app.post(TICKET, source=source)
    assert (status, outputs) == (503, {})
    assert {error["setting"] for error in answer["errors"]} == {"QUEUE_CONNECTION"}
