"""POST /api/start-requests on Microsoft's runtime library."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, SCHEMAS, open_message

if TYPE_CHECKING:
    from tests.runtime.app import App

MINIMAL = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_request_is_queued_and_its_id_given(app: App) -> None:
    status, answer, outputs = app.post(json.dumps({**MINIMAL, "requestId": REQUEST_ID}), traceparent=TRACEPARENT)
    assert status == 202
    assert answer["content-type"].startswith("application/json")
    assert answer["accepted"] == [{"requestId": REQUEST_ID, **MINIMAL}]
    (text,) = outputs["requests"]
    queued = open_message(text)
    SCHEMAS["start-request"].validate(queued)
    assert (queued["requestId"], queued["jobId"], queued["traceparent"]) == (REQUEST_ID, JOB, TRACEPARENT)


def test_an_array_is_queued_in_few_messages(app: App) -> None:
    status, answer, outputs = app.post(json.dumps([{"appId": APP_ID}] * 1000))
    assert status == 202
    queued = [request for text in outputs["requests"] for request in open_message(text)]
    assert [request["requestId"] for request in queued] == [item["requestId"] for item in answer["accepted"]]
    assert len({request["requestId"] for request in queued}) == 1000
    assert len(outputs["requests"]) <= 10


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (json.dumps([MINIMAL, {**MINIMAL, "force": "yes"}]), "application/json", 400),
        ("{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (json.dumps(MINIMAL), "text/plain", 415),
        (json.dumps(MINIMAL), "", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_what_is_wrong_is_a_problem_and_queues_nothing(
    app: App, body: bytes | str, content_type: str, status: int
) -> None:
    given, problem, outputs = app.post(body, content_type=content_type)
    assert (given, problem["status"], outputs) == (status, status, {})
    assert problem["content-type"].startswith("application/problem+json")


def test_every_fault_is_named_with_its_place(app: App) -> None:
    _, problem, _ = app.post(json.dumps([MINIMAL, {**MINIMAL, "force": "yes", "jobID": JOB}]))
    assert [error["pointer"] for error in problem["errors"]] == ["#/1/jobID", "#/1/force"]


def test_a_traceparent_of_no_use_is_left_out(app: App) -> None:
    _, _, outputs = app.post(json.dumps(MINIMAL), traceparent=f"00-{'0' * 32}-{'0' * 16}-01")
    assert "traceparent" not in open_message(outputs["requests"][0])
