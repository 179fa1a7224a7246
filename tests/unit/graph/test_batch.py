"""Calls in batches: each part has its own answer, and throttling of one part delays all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from shared.errors import GraphRefused, GraphUnavailable, ServiceAway
from shared.graph.batch import BatchingGraph
from shared.graph.client import new_session
from shared.outcome import Reason
from shared.settings import Settings
from shared.waiting.services import Services
from tests.examples import PRINCIPAL, graph_error, job_json

if TYPE_CHECKING:
    from tests.unit.scripted_transport import ScriptedTransport

PATHS = [f"servicePrincipals/{PRINCIPAL}/synchronization/jobs", "servicePrincipals/b/synchronization/jobs"]


@pytest.fixture
def services() -> Services:
    return Services(longest_wait=0.0)


@pytest.fixture
def batching(transport: ScriptedTransport, services: Services) -> BatchingGraph:
    settings = Settings()
    session = new_session(settings)
    session.mount("https://", transport)
    return BatchingGraph(settings, session, transport.tokens, services.graph, "watch")


def part(number: int, status: int = 200, body: Any = None, **headers: str) -> dict[str, Any]:
    headers = {name.replace("_", "-"): text for name, text in headers.items()}
    return {"id": str(number), "status": status, "headers": headers, "body": {"value": []} if body is None else body}


def parts(transport: ScriptedTransport, *answers: dict[str, Any]) -> None:
    transport.answer(200, {"responses": list(answers)})


def test_parts_come_in_the_order_in_which_they_were_asked(
    batching: BatchingGraph, transport: ScriptedTransport
) -> None:
    parts(transport, part(1), part(0, body={"value": [job_json()]}))
    first, second = batching.get_all("list", PATHS)
    assert isinstance(first, dict)
    assert [job.code for job in batching.jobs_in(first)] == ["Quarantine"]
    assert second == {"value": []}
    (request,) = transport.requests
    assert request.url == "https://graph.microsoft.com/v1.0/$batch"
    assert json.loads(request.body or "")["requests"] == [
        {"id": "0", "method": "GET", "url": f"/{PATHS[0]}"},
        {"id": "1", "method": "GET", "url": f"/{PATHS[1]}"},
    ]


def test_each_part_has_its_own_fault(batching: BatchingGraph, transport: ScriptedTransport, services: Services) -> None:
    parts(transport, part(0, 404, graph_error("Request_ResourceNotFound")), part(1, 503, graph_error("X")))
    refused, away = batching.get_all("list", PATHS)
    assert isinstance(refused, GraphRefused)
    assert (refused.reason, refused.operation) == (Reason.NOT_FOUND, "list")
    assert isinstance(away, GraphUnavailable)
    assert services.seen_away("Microsoft Graph") is None


@pytest.mark.parametrize("answers", [[part(0)], [part(0), {"id": "1"}], [part(0), part(1, body="no object")]])
def test_part_that_is_missing_or_odd_got_no_answer(
    batching: BatchingGraph, transport: ScriptedTransport, answers: list[dict[str, Any]]
) -> None:
    parts(transport, *answers)
    first, second = batching.get_all("list", PATHS)
    assert first == {"value": []}
    assert isinstance(second, GraphUnavailable)


def test_throttled_part_stops_all_calls(
    batching: BatchingGraph, transport: ScriptedTransport, services: Services
) -> None:
    throttled = [part(number, 429, graph_error("TooManyRequests"), retry_after=str(30 * number)) for number in (1, 2)]
    parts(transport, part(0), *throttled)
    answers = batching.get_all("list", [*PATHS, "c"])
    assert answers[0] == {"value": []}
    assert all(isinstance(each, GraphUnavailable) and each.throttled for each in answers[1:])
    with pytest.raises(ServiceAway) as caught:
        batching.get_all("list", PATHS)
    seen = services.seen_away("Microsoft Graph")
    assert seen is not None
    assert 55 < seen.away.until - seen.away.since <= 60
    assert caught.value.until == seen.away.until


def test_fault_of_every_part_says_something_of_graph(
    batching: BatchingGraph, transport: ScriptedTransport, services: Services
) -> None:
    for _ in range(2):
        parts(transport, *(part(number, 500, graph_error("InternalServerError")) for number in (0, 1)))
        batching.get_all("list", PATHS)
    assert services.seen_away("Microsoft Graph") is None  # a run is one request, and its faults may be its own
    assert len(transport.requests) == 2


def test_whole_batch_may_fail_as_any_call(batching: BatchingGraph, transport: ScriptedTransport) -> None:
    transport.answer(504)
    with pytest.raises(GraphUnavailable, match="batch answered 504"):
        batching.get_all("list", PATHS)


def test_unauthorized_part_is_repeated_once_per_run_with_a_new_token(
    batching: BatchingGraph, transport: ScriptedTransport
) -> None:
    for _ in range(3):
        parts(transport, part(0), part(1, 401, graph_error("UnknownError")))
    for _ in range(2):
        answers = batching.get_all("list", PATHS)
    assert [request.headers["Authorization"] for request in transport.requests] == [
        "Bearer token-0",
        "Bearer token-1",
        "Bearer token-1",
    ]
    assert isinstance(answers[1], GraphRefused)
    assert answers[1].reason is Reason.PERMISSION_MISSING


def test_page_names_the_next_one(batching: BatchingGraph, transport: ScriptedTransport) -> None:
    link = "https://graph.microsoft.com/v1.0/servicePrincipals?$skiptoken=x"
    transport.answer(200, {"value": [{"id": "a"}, 7], "@odata.nextLink": link})
    assert batching.page("find", "servicePrincipals") == ([{"id": "a"}], "servicePrincipals?$skiptoken=x")
