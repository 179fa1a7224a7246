"""The Graph client on the real requests library, with scripted answers."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
import requests
from hypothesis import example, given
from hypothesis import strategies as st
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProtocolError

from shared.errors import GraphRefused, GraphUnavailable
from shared.graph import client
from shared.graph.answer import seconds_of
from shared.graph.client import LIST_PATIENCE
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.starting.retry import RetryPolicy
from tests.examples import APP_ID, JOB, PRINCIPAL, graph_error, job_json

if TYPE_CHECKING:
    from shared.graph.client import Graph
    from tests.unit.scripted_transport import ScriptedTransport

REFERENCE = JobReference(PRINCIPAL, None, JOB)
ROOT = "https://graph.microsoft.com/v1.0/"
JOBS = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs"


def unavailable(graph: Graph) -> GraphUnavailable:
    with pytest.raises(GraphUnavailable) as caught:
        graph.start(REFERENCE)
    return caught.value


def refused(graph: Graph) -> GraphRefused:
    with pytest.raises(GraphRefused) as caught:
        graph.read(REFERENCE)
    return caught.value


def test_read_asks_for_the_job_with_a_token_and_an_id_of_its_own(graph: Graph, transport: ScriptedTransport) -> None:
    transport.job("Quarantine").job("Active")
    assert graph.read(REFERENCE).code is JobCode.QUARANTINE
    assert graph.read(REFERENCE).code is JobCode.ACTIVE
    first, second = transport.requests
    assert first.url == f"{ROOT}{JOBS}/{JOB}"
    assert first.headers["Authorization"] == "Bearer token-0"
    assert first.headers["client-request-id"] != second.headers["client-request-id"]


def test_start_posts_without_a_body(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(204)
    graph.start(REFERENCE)
    (request,) = transport.requests
    assert (request.method, request.url, request.body) == ("POST", f"{ROOT}{JOBS}/{JOB}/start", None)
    assert request.headers["Content-Length"] == "0"


def test_netrc_does_not_replace_the_token(
    graph: Graph,
    transport: ScriptedTransport,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine graph.microsoft.com login u password p\n")
    monkeypatch.setenv("NETRC", str(netrc))
    transport.job()
    graph.read(REFERENCE)
    assert transport.requests[0].headers["Authorization"] == "Bearer token-0"


def test_object_id_is_asked_for_by_application_id(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(200, {"id": PRINCIPAL})
    assert graph.object_id(APP_ID) == PRINCIPAL
    assert transport.requests[0].url == f"{ROOT}servicePrincipals(appId='{APP_ID}')?$select=id"


def test_jobs_of_all_pages_are_listed(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(200, {"value": [job_json(job_id="a"), "?"], "@odata.nextLink": f"{ROOT}{JOBS}?$skiptoken=x"})
    transport.answer(200, {"value": [job_json(job_id="b")]})
    assert [job.job_id for job in graph.list_jobs(REFERENCE)] == ["a", "b"]
    assert transport.requests[1].url == f"{ROOT}{JOBS}?$skiptoken=x"


def test_a_message_of_several_lines_becomes_one(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(400, graph_error("BadRequest", "The job\r\n  is broken."))
    assert refused(graph).detail == "The job is broken."


CLAIMS = '{"access_token":{"xms_cc":{"values":["cp1"]},"nbf":{"essential":true,"value":"1732600000"}}}'
CHALLENGE = (
    'Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", '
    f'error="insufficient_claims", claims="{base64.urlsafe_b64encode(CLAIMS.encode()).decode().rstrip("=")}"'
)


def test_claims_that_a_policy_asks_for_are_asked_of_the_next_token(graph: Graph, transport: ScriptedTransport) -> None:
    error = graph_error("InvalidAuthenticationToken", "Continuous access evaluation resulted in a challenge.")
    transport.answer(401, error, WWW_Authenticate=CHALLENGE).job("Active")

    assert graph.read(REFERENCE).code is JobCode.ACTIVE
    assert transport.tokens.claims == [CLAIMS]
    assert transport.requests[1].headers["Authorization"] == "Bearer token-1"


def test_claims_that_no_token_has_are_a_policy_and_no_missing_permission(
    graph: Graph, transport: ScriptedTransport
) -> None:
    for _ in range(2):
        transport.answer(401, graph_error("InvalidAuthenticationToken", "A challenge."), WWW_Authenticate=CHALLENGE)

    assert refused(graph).reason is Reason.BLOCKED_BY_POLICY
    assert len(transport.requests) == 2


@pytest.mark.parametrize("claims", ["", "%%%", "gA=="], ids=["none", "not base64", "not UTF-8"])
def test_unreadable_claims_are_ignored(graph: Graph, transport: ScriptedTransport, claims: str) -> None:
    error = graph_error("InvalidAuthenticationToken", "why")
    for _ in range(2):
        transport.answer(401, error, WWW_Authenticate=f'Bearer error="insufficient_claims", claims="{claims}"')

    assert refused(graph).reason is Reason.AUTHENTICATION_FAILED
    assert transport.tokens.claims == [None]


@pytest.mark.parametrize("link", ["https://contoso.com/next", "https://graph.microsoft.com.contoso.com/v1.0/x", 7])
def test_next_page_on_another_host_is_not_followed(graph: Graph, transport: ScriptedTransport, link: object) -> None:
    transport.answer(200, {"value": [], "@odata.nextLink": link})
    with pytest.raises(GraphUnavailable, match="another host"):
        graph.list_jobs(REFERENCE)
    assert len(transport.requests) == 1


def test_pages_count_against_the_patience_of_the_invocation(
    graph: Graph, transport: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(60):
        transport.answer(200, {"value": [], "@odata.nextLink": f"{ROOT}{JOBS}?$skiptoken=x"})
    seconds = iter(range(0, 10_000, 10))
    monkeypatch.setattr(client, "time", Mock(monotonic=lambda: next(seconds)))
    with pytest.raises(GraphUnavailable, match="list did not end within 60 s"):
        graph.list_jobs(REFERENCE)
    assert 1 < len(transport.requests) < 10
    assert RetryPolicy().patience >= LIST_PATIENCE


def test_list_without_end_is_given_up(graph: Graph, transport: ScriptedTransport) -> None:
    for _ in range(60):
        transport.answer(200, {"value": [], "@odata.nextLink": f"{ROOT}{JOBS}?$skiptoken=x"})
    with pytest.raises(GraphUnavailable, match="50 pages"):
        graph.list_jobs(REFERENCE)


@pytest.mark.parametrize("status", [300, 302, 304, 307])
@pytest.mark.parametrize(
    "headers",
    [pytest.param({}, id="nowhere"), pytest.param({"Location": "https://contoso.com/"}, id="to another host")],
)
def test_redirect_is_neither_followed_nor_taken_for_success(
    graph: Graph, transport: ScriptedTransport, status: int, headers: dict[str, str]
) -> None:
    transport.answer(status, job_json(), **headers)
    assert refused(graph).reason is Reason.BAD_REQUEST
    assert len(transport.requests) == 1


def test_rejected_token_is_replaced_once(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(401, graph_error("InvalidAuthenticationToken", "expired")).job("Active")
    assert graph.read(REFERENCE).code is JobCode.ACTIVE
    assert transport.tokens.rejected == ["token-0"]
    assert transport.requests[1].headers["Authorization"] == "Bearer token-1"


@pytest.mark.parametrize(
    ("status", "code", "reason", "requests_"),
    [
        (401, "UnknownError", Reason.PERMISSION_MISSING, 2),
        (401, "", Reason.PERMISSION_MISSING, 2),
        (401, "InvalidAuthenticationToken", Reason.AUTHENTICATION_FAILED, 2),
        (403, "Authorization_RequestDenied", Reason.PERMISSION_MISSING, 1),
        (404, "Request_ResourceNotFound", Reason.NOT_FOUND, 1),
        (400, "BadRequest", Reason.BAD_REQUEST, 1),
        (405, "", Reason.BAD_REQUEST, 1),
        (412, "PreconditionFailed", Reason.BAD_REQUEST, 1),
    ],
)
def test_permanent_answers(  # noqa: PLR0917
    graph: Graph, transport: ScriptedTransport, status: int, code: str, reason: Reason, requests_: int
) -> None:
    for _ in range(requests_):
        transport.answer(status, graph_error(code, "why"))
    error = refused(graph)
    assert (error.reason, error.status, error.code, error.detail) == (reason, status, code, "why")
    assert len(transport.requests) == requests_


@pytest.mark.parametrize(
    ("status", "may_have_worked"),
    [(408, True), (409, False), (429, False), (500, True), (502, True), (503, True), (504, True), (509, True)],
)
def test_transient_answers(graph: Graph, transport: ScriptedTransport, status: int, *, may_have_worked: bool) -> None:
    transport.answer(status, graph_error("Busy"))
    error = unavailable(graph)
    assert (error.may_have_worked, error.retry_after) == (may_have_worked, None)
    assert str(error) == f"start answered {status} Busy"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("2", 2.0),
        (" 120 ", 120.0),
        ("0", None),
        ("0.249", 1.0),
        ("30,120", 120.0),
        ("0,120", 120.0),
        ("17, 3", 17.0),
        ("Mon, 24 Nov 2025 09:59:58 GMT", None),
        ("Mon, 24 Nov 2025 09:59:58 GMT, 5", 5.0),
        ("soon", None),
        ("-1", None),
        (f"Mon, 1 Jan 2026 0:0:0 +{10**20}", None),
    ],
)
def test_retry_after_in_seconds(graph: Graph, transport: ScriptedTransport, header: str, seconds: float | None) -> None:
    transport.answer(429, None, Retry_After=header)
    assert unavailable(graph).retry_after == seconds


def test_retry_after_as_a_date(graph: Graph, transport: ScriptedTransport) -> None:
    moment = datetime.now(UTC) + timedelta(minutes=5)
    transport.answer(503, None, Retry_After=format_datetime(moment, usegmt=True))
    transport.answer(503, None, Retry_After=format_datetime(moment - timedelta(hours=1), usegmt=True))
    transport.answer(503, None, Retry_After=format_datetime(moment.replace(tzinfo=None)))
    assert unavailable(graph).retry_after == pytest.approx(300, abs=30)
    assert unavailable(graph).retry_after is None
    assert unavailable(graph).retry_after == pytest.approx(300, abs=30)


@example("0\x1f")
@given(st.text(st.characters(max_codepoint=255)) | st.from_regex(r"\w{3}, \d+ \w{3} \d+ [\d:]+ [-+]\d+"))
def test_any_retry_after_is_understood_or_ignored(header: str) -> None:
    seconds = seconds_of(header)
    assert seconds is None or seconds > 0


POOL = Mock()


@pytest.mark.parametrize(
    ("fault", "may_have_worked"),
    [
        pytest.param(
            requests.ConnectionError(ProtocolError("Connection aborted.", ConnectionResetError())), True, id="reset"
        ),
        pytest.param(
            requests.ConnectionError(MaxRetryError(POOL, "/", NewConnectionError(POOL, "refused"))), False, id="refused"
        ),
        pytest.param(
            requests.ConnectTimeout(MaxRetryError(POOL, "/", ConnectTimeoutError())), False, id="no connection in time"
        ),
        pytest.param(requests.ReadTimeout("timed out"), True, id="no answer in time"),
        pytest.param(requests.exceptions.ChunkedEncodingError(), True, id="half an answer"),
    ],
)
def test_faults_of_the_connection(
    graph: Graph, transport: ScriptedTransport, fault: Exception, *, may_have_worked: bool
) -> None:
    transport.fail(fault)
    error = unavailable(graph)
    assert error.may_have_worked is may_have_worked
    assert type(fault).__name__ in str(error)
    assert graph.calls[0].status is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(None, id="null"),
        pytest.param([], id="an array"),
        pytest.param({"error": "x"}, id="another object"),
        pytest.param("text", id="a string"),
    ],
)
def test_answer_that_is_not_a_job_is_transient(graph: Graph, transport: ScriptedTransport, body: object) -> None:
    transport.answer(200, body)
    with pytest.raises(GraphUnavailable, match="read answered with something that is no"):
        graph.read(REFERENCE)


def test_answer_without_object_id_is_transient(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(200, {"appId": APP_ID})
    with pytest.raises(GraphUnavailable, match="without an object id"):
        graph.object_id(APP_ID)


def test_each_call_is_remembered_without_secrets(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(401, graph_error("UnknownError"), request_id="r1").answer(
        404, graph_error("NotFound"), request_id="r2"
    )
    refused(graph)
    first, second = (call.to_json() for call in graph.calls)
    assert (first["operation"], first["status"], first["requestId"]) == ("read", 401, "r1")
    assert (second["status"], second["requestId"]) == (404, "r2")
    assert first["clientRequestId"] == transport.requests[0].headers["client-request-id"]
    assert "token" not in str(graph.calls)


@pytest.mark.parametrize("given", ["", "../groups", f"{PRINCIPAL}/x", f" {PRINCIPAL}", 7, None])
def test_an_invalid_object_id_is_not_accepted(graph: Graph, transport: ScriptedTransport, given: object) -> None:
    transport.answer(200, {"id": given})
    with pytest.raises(GraphUnavailable, match="without an object id"):
        graph.object_id(APP_ID)


def test_an_object_id_is_written_as_every_other(graph: Graph, transport: ScriptedTransport) -> None:
    transport.answer(200, {"id": PRINCIPAL.upper()})
    assert graph.object_id(APP_ID) == PRINCIPAL
