"""The queue functions and the timer on Microsoft's runtime library, with the real azure-identity and requests."""

from __future__ import annotations

import base64
import json
import uuid
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest
from azure.storage.queue import QueueClient

from local.client.jobs import active, paused, quarantined
from tests.examples import JOB, REQUEST_ID, check_event, open_message
from tests.runtime.app import running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local.client.simulation import Simulation
    from local.parts.system import LocalSystem
    from tests.runtime.app import App

JWT_BEGINS = "eyJ"
"""Every JSON Web Token begins like this, also those of the local cloud."""
QUEUE_FUNCTIONS = pytest.mark.parametrize("function", ["start_job", "report_abandoned"])
START_JOB_NEEDS_NO_GRAPH = {"start_job": ("rejected", "invalid_request"), "report_abandoned": ("failed", "gave_up")}


@pytest.fixture
def path(principal: str) -> str:
    """The job's path in Graph."""
    return f"servicePrincipals/{principal}/synchronization/jobs/{JOB}"


@pytest.fixture
def request_json(principal: str) -> str:
    """A request for the job."""
    return json.dumps({"requestId": REQUEST_ID, "servicePrincipalId": principal, "jobId": JOB})


def events(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [check_event(open_message(text)) for text in answer["outputs"]["status"]]


def event(answer: dict[str, Any]) -> dict[str, Any]:
    """The only event of an invocation without other outputs."""
    assert list(answer["outputs"]) == ["status"]
    (only,) = events(answer)
    return only


def ending(told: dict[str, Any]) -> tuple[str, str]:
    return told["data"]["outcome"], told["data"]["reason"]


def called(simulation: Simulation) -> list[str]:
    """Method and path of each call to Graph."""
    return [f"{call['method']} {call['path']}" for call in simulation.calls()]


@pytest.mark.parametrize("encode", [str.encode, lambda text: base64.b64encode(text.encode())], ids=["plain", "base64"])
def test_a_job_is_read_started_and_read_back(
    app: App, simulation: Simulation, principal: str, path: str, request_json: str, *, encode: Callable[[str], bytes]
) -> None:
    simulation.put_job(principal, quarantined(JOB))
    told = event(app.deliver("start_job", encode(request_json)))
    assert ending(told) == ("started", "quarantine_cleared")
    assert told["data"]["requestId"] == REQUEST_ID
    assert called(simulation) == [f"GET /v1.0/{path}", f"POST /v1.0/{path}/start", f"GET /v1.0/{path}"]


def test_a_bare_path_goes_back_on_the_queue_with_an_id(app: App, simulation: Simulation, path: str) -> None:
    answer = app.deliver("start_job", path)
    assert list(answer["outputs"]) == ["requests"]
    (text,) = answer["outputs"]["requests"]
    assert called(simulation) == []
    told = event(app.deliver("report_abandoned", text, message_id="m-3"))
    assert told["data"]["requestId"] == open_message(text)["requestId"]


def test_a_refusal_of_graph_that_lasts_is_an_event(system: LocalSystem, simulation: Simulation, path: str) -> None:
    with running(**{**system.settings, "GIVE_UP_AFTER": "0.0005"}) as app:  # 1.8 s
        waiting = {"version": 1, "since": "2026-11-23T10:00:00.000Z", "tries": 3, "told": False, "error": "404"}
        refusal = {"reason": "not_found", "since": "2026-11-23T10:00:00.000Z"}
        request = {"requestId": REQUEST_ID, "servicePrincipalId": path.split("/")[1], "jobId": JOB}
        message = {"request": request, "waiting": {**waiting, "refusal": refusal}}
        told = event(app.deliver("start_job", json.dumps(message)))
    assert ending(told) == ("failed", "not_found")
    assert told["data"]["waited"] == {"since": "2026-11-23T10:00:00.000Z", "until": ANY, "tries": 4}
    assert called(simulation) == [f"GET /v1.0/{path}"]


@pytest.fixture
def waiting_queue(system: LocalSystem) -> Iterator[tuple[str, QueueClient]]:
    """The name of a queue for requests, and the queue."""
    name = f"requests-{uuid.uuid4().hex}"
    with QueueClient.from_connection_string(system.storage, name) as queue:
        queue.create_queue()
        yield name, queue


def test_a_request_during_an_outage_is_put_back_for_later(
    system: LocalSystem, simulation: Simulation, waiting_queue: tuple[str, QueueClient], request_json: str
) -> None:
    name, queue = waiting_queue
    simulation.fault(service="graph", status=503, headers={"Retry-After": "600"})
    with running(**{**system.settings, "START_REQUESTS_QUEUE": name}) as app:
        assert app.deliver("start_job", request_json) == {"outputs": {}}
    assert queue.get_queue_properties().approximate_message_count == 1
    assert queue.receive_message() is None, "it is hidden until it is due"


def test_function_fails_if_a_request_cannot_be_put_back(
    system: LocalSystem, simulation: Simulation, request_json: str
) -> None:
    simulation.fault(service="graph", status=503, headers={"Retry-After": "600"})
    settings = {"START_REQUESTS_QUEUE": "not-there", "GIVE_UP_AFTER": "24"}
    with running(**{**system.settings, **settings}) as app:
        answer = app.deliver("start_job", request_json)
        assert list(answer) == ["error"]
        assert "GraphUnavailable: read answered 503" in answer["error"]
        simulation.clear_faults()
        (text,) = app.deliver("start_job", request_json, dequeue_count=5)["outputs"]["requests"]
    assert open_message(text)["request"]["requestId"] == REQUEST_ID


def test_a_request_without_job_puts_one_request_a_job_on_the_queue(
    app: App, simulation: Simulation, principal: str
) -> None:
    for job in (quarantined("a"), active("b"), paused("c")):
        simulation.put_job(principal, job)
    answer = app.deliver("start_job", json.dumps({"servicePrincipalId": principal, "requestId": REQUEST_ID}))
    (told,) = events(answer)
    queued = [open_message(text) for text in answer["outputs"]["requests"]]
    assert ending(told) == ("expanded", "jobs_queued")
    assert sorted(request["jobId"] for request in queued) == ["a", "c"]
    assert [item["requestId"] for item in told["data"]["queued"]] == [request["requestId"] for request in queued]


def test_an_array_is_split_without_a_call_to_graph(
    app: App, simulation: Simulation, principal: str, request_json: str
) -> None:
    requests = [json.loads(request_json), {"jobId": JOB}, {"servicePrincipalId": principal}]
    answer = app.deliver("start_job", json.dumps(requests))
    assert [ending(told) for told in events(answer)] == [("rejected", "invalid_request")]
    assert [open_message(text).get("jobId") for text in answer["outputs"]["requests"]] == [JOB, None]
    assert called(simulation) == []


def test_an_array_of_valid_requests_reports_nothing_yet(app: App, principal: str, request_json: str) -> None:
    answer = app.deliver("start_job", json.dumps([{"servicePrincipalId": principal}, json.loads(request_json)]))
    assert list(answer["outputs"]) == ["requests"]


def test_an_abandoned_request_is_reported_with_itself(app: App, simulation: Simulation, request_json: str) -> None:
    told = event(app.deliver("report_abandoned", request_json))
    assert ending(told) == ("failed", "gave_up")
    assert told["data"]["request"]["requestId"] == REQUEST_ID
    assert called(simulation) == []


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff\xfe\x00", base64.b64encode(bytes(range(256))), b"started", b"{"],
    ids=["empty", "not UTF-8", "base64 of no text", "a word", "half of a JSON object"],
)
@QUEUE_FUNCTIONS
def test_an_unreadable_message_is_reported(app: App, simulation: Simulation, function: str, body: bytes) -> None:
    told = event(app.deliver(function, body))
    expected = {"start_job": ("rejected", "unreadable_message"), "report_abandoned": ("failed", "gave_up")}
    assert ending(told) == expected[function]
    assert told["data"]["received"] == body.decode(errors="backslashreplace")
    assert called(simulation) == []


@pytest.mark.parametrize(
    "field",
    [{"id": "a"}, {"id": {"a": 1}}, {"insertionTime": "yesterday"}, {"dequeueCount": "many"}, {"popReceipt": 1}],
    ids=["id", "id as an object", "insertionTime", "dequeueCount", "popReceipt"],
)
@QUEUE_FUNCTIONS
def test_fields_named_as_the_host_names_its_own_change_nothing(
    app: App, principal: str, function: str, field: dict[str, object]
) -> None:
    body = json.dumps({"servicePrincipalId": principal, **field})
    told = event(app.deliver(function, body))
    assert ending(told) == START_JOB_NEEDS_NO_GRAPH[function]
    assert told["data"]["requestedAt"] == "2026-11-23T10:00:00.000Z"
    assert told["data"]["requestId"] != event(app.deliver(function, body, message_id="m-2"))["data"]["requestId"]


def test_the_same_delivery_gives_the_same_event_id(app: App) -> None:
    first, again = (event(app.deliver("report_abandoned", "x")) for _ in range(2))
    assert first["id"] == again["id"]


def test_no_token_is_in_an_event(app: App, simulation: Simulation, principal: str, request_json: str) -> None:
    simulation.put_job(principal, paused(JOB))
    answer = app.deliver("start_job", request_json)
    assert ending(event(answer)) == ("started", "resumed")
    told = json.dumps(events(answer))
    assert "bearer" not in told.lower()
    assert JWT_BEGINS not in told


def test_a_request_delivered_again_tells_the_same_start(
    app: App, simulation: Simulation, principal: str, request_json: str
) -> None:
    simulation.put_job(principal, quarantined(JOB))
    first, again = (event(app.deliver("start_job", request_json, dequeue_count=n)) for n in (1, 2))
    assert (first["id"], first["data"]["job"]) == (again["id"], again["data"]["job"])
    assert len(called(simulation)) == 3


def test_without_a_ledger_nothing_is_started_and_what_is_given_up_is_reported(
    system: LocalSystem, simulation: Simulation, request_json: str
) -> None:
    with running(**{**system.settings, "AzureWebJobsStorage": ""}) as app:
        answer = app.deliver("start_job", request_json)
        assert "set AzureWebJobsStorage" in answer["error"]
        assert ending(event(app.deliver("report_abandoned", request_json))) == ("failed", "gave_up")
    assert called(simulation) == []
