"""What answers of Graph mean, with outages and refusals as seen in the field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.errors import GraphRefused, GraphUnavailable
from shared.job_code import JobCode
from shared.request.reference import JobReference
from tests.examples import JOB, PRINCIPAL, graph_error, job_json

if TYPE_CHECKING:
    from shared.graph.client import Graph
    from tests.unit.scripted_transport import ScriptedTransport

REFERENCE = JobReference(PRINCIPAL, None, JOB)
PAGE = "<!DOCTYPE html><html><head><title>404 - File not found.</title></head><body></body></html>"


def told(graph: Graph, operation: str = "read") -> GraphUnavailable | GraphRefused:
    with pytest.raises((GraphUnavailable, GraphRefused)) as caught:
        {"read": graph.read, "start": graph.start}[operation](REFERENCE)
    assert isinstance(caught.value, (GraphUnavailable, GraphRefused))
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "headers"),
    [
        pytest.param(400, graph_error("serviceNotAvailable", "Try again later."), {}, id="400 that means 503"),
        pytest.param(400, graph_error("BadRequest"), {"Retry-After": "20"}, id="400 that asks to come back"),
        pytest.param(403, graph_error("serviceReadOnly"), {}, id="read-only"),
        pytest.param(423, graph_error("resourceLocked"), {}, id="locked"),
        pytest.param(404, graph_error("UnknownError", PAGE), {}, id="a page as the message of a 404"),
        pytest.param(404, PAGE, {}, id="a page"),
        pytest.param(404, None, {}, id="404 without a body"),
        pytest.param(400, {"Message": "No HTTP resource was found"}, {}, id="not in Graph's form"),
        pytest.param(502, PAGE, {}, id="front door"),
        pytest.param(
            403, {"error": {"code": "x", "innerError": {"code": "throttledRequest"}}}, {}, id="throttled, said inside"
        ),
        pytest.param(
            403,
            {"error": {"innerError": {"innererror": {"innerError": {"innererror": {"code": "throttledRequest"}}}}}},
            {},
            id="throttled, said far inside",
        ),
    ],
)
def test_temporary_errors_are_not_final_whatever_their_status(
    graph: Graph, transport: ScriptedTransport, status: int, body: Any, headers: dict[str, str]
) -> None:
    transport.answer(status, body, **headers)
    if isinstance(body, str):
        transport.answers[-1]._content = body.encode()  # type: ignore[union-attr]
    error = told(graph)
    assert isinstance(error, GraphUnavailable)
    assert "<" not in str(error), "no HTML is in log lines and events"


@pytest.mark.parametrize("code", ["TooManyRequests", "activityLimitReached", "Request_ThrottledTemporarily"])
@pytest.mark.parametrize("status", [400, 403, 429, 503])
def test_throttling_is_known_by_its_code_and_has_done_nothing(
    graph: Graph, transport: ScriptedTransport, status: int, code: str
) -> None:
    transport.answer(status, graph_error(code))
    error = told(graph, "start")
    assert isinstance(error, GraphUnavailable)
    assert (error.throttled, error.may_have_worked) == (True, False)


@pytest.mark.parametrize("status", [400, 404])
def test_a_refusal_in_graphs_own_words_is_one(graph: Graph, transport: ScriptedTransport, status: int) -> None:
    transport.answer(status, graph_error("Request_ResourceNotFound", "Resource does not exist."))
    assert isinstance(told(graph), GraphRefused)


@pytest.mark.parametrize("body", [None, {"error": {"code": "serviceNotAvailable", "message": "."}}, {"value": 1}])
@pytest.mark.parametrize("status", [200, 201, 202])
def test_a_start_that_is_not_answered_204_may_have_worked(
    graph: Graph, transport: ScriptedTransport, status: int, body: Any
) -> None:
    transport.answer(status, body)
    error = told(graph, "start")
    assert isinstance(error, GraphUnavailable)
    assert error.may_have_worked


def test_a_byte_order_mark_is_skipped(graph: Graph, transport: ScriptedTransport) -> None:
    transport.job("Active")
    transport.answers[-1]._content = b"\xef\xbb\xbf" + json.dumps(job_json("Active")).encode()  # type: ignore[union-attr]
    transport.answers[-1].headers["Content-Type"] = "application/json; charset=utf-8"  # type: ignore[union-attr]
    assert graph.read(REFERENCE).code is JobCode.ACTIVE


@pytest.mark.parametrize("content", [b'{"id": "x", "status": {"co', b"[" * 100_000, b"<html>"])
def test_an_answer_that_is_cut_off_or_no_json_says_nothing(
    graph: Graph, transport: ScriptedTransport, content: bytes
) -> None:
    transport.job()
    transport.answers[-1]._content = content  # type: ignore[union-attr]
    assert isinstance(told(graph), GraphUnavailable)


@pytest.mark.parametrize("status", [{}, {"status": None}, {"status": "Active"}])
def test_a_job_without_its_status_is_not_read(
    graph: Graph, transport: ScriptedTransport, status: dict[str, object]
) -> None:
    transport.answer(200, {"id": JOB, "templateId": "scim", **status})
    assert isinstance(told(graph), GraphUnavailable)
