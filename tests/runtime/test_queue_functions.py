"""The queue functions and the timer on Microsoft's runtime library, with azure-identity's and requests' real code."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.examples import JOB, PRINCIPAL, REQUEST_ID, check_event, graph_error, job_json, open_message
from tests.runtime.app import running

if TYPE_CHECKING:
    from tests.runtime.app import App
    from tests.runtime.loopback import Loopback

PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
REQUEST = {"requestId": REQUEST_ID, "servicePrincipalId": PRINCIPAL, "jobId": JOB}
QUEUE_FUNCTIONS = pytest.mark.parametrize("function", ["start_job", "report_abandoned"])
START_JOB_NEEDS_NO_GRAPH = {"start_job": ("rejected", "invalid_request"), "report_abandoned": ("failed", "gave_up")}


def events(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [check_event(open_message(text)) for text in answer["outputs"]["status"]]


def event(answer: dict[str, Any]) -> dict[str, Any]:
    """The one event, which is all that came out."""
    assert list(answer["outputs"]) == ["status"]
    (only,) = events(answer)
    return only


def ending(told: dict[str, Any]) -> tuple[str, str]:
    return told["data"]["outcome"], told["data"]["reason"]


@pytest.mark.parametrize("body", [json.dumps(REQUEST), base64.b64encode(json.dumps(REQUEST).encode())])
def test_a_job_is_read_started_and_read_back(app: App, graph: Loopback, body: bytes | str) -> None:
    graph.answer(200, job_json("Quarantine")).answer(204).answer(200, job_json("Active"))
    told = event(app.deliver("start_job", body))
    assert ending(told) == ("started", "quarantine_cleared")
    assert told["data"]["requestId"] == REQUEST_ID
    assert graph.calls == [f"GET /v1.0/{PATH}", f"POST /v1.0/{PATH}/start", f"GET /v1.0/{PATH}"]


def test_refusal_of_graph_is_an_event(app: App, graph: Loopback) -> None:
    graph.answer(404, graph_error("NotFound", "No such job."))
    assert ending(event(app.deliver("start_job", PATH))) == ("failed", "not_found")


def test_a_function_that_raises_reports_nothing(app: App, graph: Loopback) -> None:
    graph.answer(503, Retry_After="600")
    answer = app.deliver("start_job", PATH)
    assert list(answer) == ["error"]
    assert "GraphUnavailable: read answered 503" in answer["error"]


def test_a_request_without_job_puts_one_request_a_job_on_the_queue(app: App, graph: Loopback) -> None:
    graph.answer(200, {"value": [job_json(job_id="a"), job_json("Active", job_id="b"), job_json("Paused", job_id="c")]})
    answer = app.deliver("start_job", json.dumps({"servicePrincipalId": PRINCIPAL}))
    (told,) = events(answer)
    queued = [open_message(text) for text in answer["outputs"]["requests"]]
    assert ending(told) == ("expanded", "jobs_queued")
    assert [request["jobId"] for request in queued] == ["a", "c"]
    assert [item["requestId"] for item in told["data"]["queued"]] == [request["requestId"] for request in queued]


def test_an_array_is_taken_apart_without_a_call_of_graph(app: App, graph: Loopback) -> None:
    answer = app.deliver("start_job", json.dumps([REQUEST, {"jobId": JOB}, {"servicePrincipalId": PRINCIPAL}]))
    assert [ending(told) for told in events(answer)] == [("rejected", "invalid_request")]
    assert [open_message(text).get("jobId") for text in answer["outputs"]["requests"]] == [JOB, None]
    assert graph.calls == []


def test_an_array_of_valid_requests_reports_nothing_yet(app: App) -> None:
    answer = app.deliver("start_job", json.dumps([{"servicePrincipalId": PRINCIPAL}, REQUEST]))
    assert list(answer["outputs"]) == ["requests"]


def test_an_abandoned_request_is_reported_with_itself(app: App, graph: Loopback) -> None:
    told = event(app.deliver("report_abandoned", json.dumps(REQUEST)))
    assert ending(told) == ("failed", "gave_up")
    assert told["data"]["request"]["requestId"] == REQUEST_ID
    assert graph.calls == []


@pytest.mark.parametrize("body", [b"", b"\xff\xfe\x00", base64.b64encode(bytes(range(256))), b"started", b"{"])
@QUEUE_FUNCTIONS
def test_an_unreadable_message_is_reported(app: App, graph: Loopback, function: str, body: bytes) -> None:
    told = event(app.deliver(function, body))
    expected = {"start_job": ("rejected", "unreadable_message"), "report_abandoned": ("failed", "gave_up")}
    assert ending(told) == expected[function]
    assert told["data"]["received"] == body.decode(errors="backslashreplace")
    assert graph.calls == []


@pytest.mark.parametrize(
    "field",
    [{"id": "a"}, {"id": {"a": 1}}, {"insertionTime": "yesterday"}, {"dequeueCount": "many"}, {"popReceipt": 1}],
)
@QUEUE_FUNCTIONS
def test_fields_named_as_the_host_names_its_own_change_nothing(
    app: App, function: str, field: dict[str, object]
) -> None:
    body = json.dumps({"servicePrincipalId": PRINCIPAL, **field})
    told = event(app.deliver(function, body))
    assert ending(told) == START_JOB_NEEDS_NO_GRAPH[function]
    assert told["data"]["requestedAt"] == "2026-11-23T10:00:00.000Z"
    assert told["data"]["requestId"] != event(app.deliver(function, body, message_id="m-2"))["data"]["requestId"]


def test_the_same_delivery_gives_the_same_event_id(app: App) -> None:
    first, again = (event(app.deliver("report_abandoned", "x")) for _ in range(2))
    assert first["id"] == again["id"]


def test_no_token_stands_in_an_event(app: App, graph: Loopback) -> None:
    graph.answer(200, job_json("Paused")).answer(204).answer(200, job_json("Active"))
    answer = app.deliver("start_job", PATH)
    assert ending(event(answer)) == ("started", "resumed")
    assert "loopback-token" not in json.dumps(events(answer))


def test_a_request_delivered_again_tells_the_same_start(app: App, graph: Loopback) -> None:
    graph.answer(200, job_json()).answer(204).answer(200, job_json("Active"))
    first, again = (event(app.deliver("start_job", json.dumps(REQUEST), dequeue_count=n)) for n in (1, 2))
    assert (first["id"], first["data"]["job"]) == (again["id"], again["data"]["job"])
    assert len(graph.calls) == 3


def test_a_started_job_is_followed_until_its_recovery_is_reported(app: App, graph: Loopback) -> None:
    graph.answer(200, job_json()).answer(204).answer(200, job_json("Active"))
    started = event(app.deliver("start_job", json.dumps(REQUEST)))
    graph.answer(200, job_json("Active"))
    assert app.run_timer("follow_starts") == {"outputs": {}}

    run = {"state": "Succeeded", "timeBegan": "2100-01-01T00:00:00Z"}
    graph.answer(200, job_json("Active", lastExecution=run))
    (seen,) = app.run_timer("follow_starts")["outputs"]["recoveries"]
    told = event(app.deliver("report_recovery", seen))
    assert ending(told) == ("recovered", "running_again")
    assert told["data"]["requestedBy"] == started["data"]["requestedBy"]
    assert app.deliver("report_recovery", seen) == {"outputs": {}}
    assert event(app.deliver("report_recovery", seen, dequeue_count=2)) == told


def test_without_a_ledger_nothing_is_started_and_what_is_given_up_is_reported(graph: Loopback) -> None:
    with running(**{**graph.settings, "AzureWebJobsStorage": ""}) as app:
        answer = app.deliver("start_job", json.dumps(REQUEST))
        assert "set AzureWebJobsStorage" in answer["error"]
        assert ending(event(app.deliver("report_abandoned", json.dumps(REQUEST)))) == ("failed", "gave_up")
    assert graph.calls == []
