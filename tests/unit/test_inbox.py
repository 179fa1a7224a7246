"""Queue messages from delivery to status events."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import GraphUnavailable, TransientError
from shared.inbox import Delivery, Handled, Inbox
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.request.message import MAX_ITEMS, MAX_MESSAGE, unpack
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.settings import Settings
from shared.starting.ending import Ending
from shared.starting.start_job import start_job
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, WHEN, check_event, graph_error, job_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.graph.client import Graph
    from shared.request.start_request import StartRequest
    from tests.unit.fake_ledger import FakeLedger
    from tests.unit.scripted_transport import ScriptedTransport

MINIMAL = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
NAMED = {**MINIMAL, "requestId": REQUEST_ID}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
FULL = {
    **MINIMAL,
    "requestId": REQUEST_ID,
    "requestedBy": {"source": "script", "reference": "INC-7"},
    "requestedAt": "2026-11-22T22:00:00Z",
    "traceparent": TRACEPARENT,
    "parentRequestId": APP_ID,
}


def starting(settings: Settings, ledger: FakeLedger) -> Callable[[StartRequest, Graph, str], Ending]:
    """The work on a request with these settings."""

    def start(request: StartRequest, graph: Graph, message_id: str) -> Ending:
        return start_job(request, graph, settings, ledger, message_id=message_id)

    return start


@pytest.fixture
def start(ledger: FakeLedger) -> Callable[[StartRequest, Graph, str], Ending]:
    """The work on a request, with the ledger of the test."""
    return starting(Settings(), ledger)


@pytest.fixture
def inbox(new_graph: Callable[[], Graph], start: Callable[..., Ending]) -> Inbox:
    """The inbox on the fake Graph."""
    return Inbox(Settings(site_name="contoso-start"), new_graph, start)


def delivery(body: Any, message_id: str = "m-1") -> Delivery:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(data, message_id, WHEN)


def told(handled: Handled) -> list[dict[str, Any]]:
    """The events, which keep the schema."""
    return [check_event(event.to_json()) for event in handled.events]


def only(handled: Handled) -> dict[str, Any]:
    (event,) = told(handled)
    return event


def test_a_request_is_done_and_reported(inbox: Inbox, transport: ScriptedTransport) -> None:
    transport.job("Quarantine").answer(204).job("Active")
    handled = inbox.handle(delivery(FULL))
    event = only(handled)
    assert handled.requests == ()
    assert event["source"] == "/start-job-function/contoso-start"
    assert event["traceparent"] == TRACEPARENT
    data = event["data"]
    assert data["reason"] == "quarantine_cleared"
    assert data["requestId"] == REQUEST_ID
    assert data["parentRequestId"] == APP_ID
    assert data["requestedBy"] == {"source": "script", "reference": "INC-7"}
    assert data["requestedAt"] == "2026-11-22T22:00:00.000Z"
    assert data["requestedAt"] < data["processingStartedAt"] <= data["finishedAt"] == event["time"]
    assert [call["operation"] for call in data["graph"]] == ["read", "start", "read"]
    assert "request" not in data


def test_an_array_of_one_is_done_at_once(inbox: Inbox, transport: ScriptedTransport) -> None:
    transport.job("Active")
    assert only(inbox.handle(delivery([FULL])))["data"]["reason"] == "already_active"


def test_the_object_id_that_was_found_stands_in_the_event(inbox: Inbox, transport: ScriptedTransport) -> None:
    transport.answer(200, {"id": PRINCIPAL}).job("Active")
    event = only(inbox.handle(delivery({"appId": APP_ID, "jobId": JOB, "requestId": REQUEST_ID})))
    assert event["data"]["job"]["servicePrincipalId"] == PRINCIPAL
    assert event["data"]["job"]["appId"] == APP_ID


def test_a_request_that_ends_before_graph_is_called_names_its_job(
    new_graph: Callable[[], Graph], ledger: FakeLedger
) -> None:
    settings = Settings(allowed_service_principals=frozenset({APP_ID}))
    inbox = Inbox(settings, new_graph, starting(settings, ledger))
    event = only(inbox.handle(delivery(NAMED)))
    assert (event["data"]["reason"], event["data"]["job"]["jobId"]) == ("not_allowed", JOB)


def test_what_a_request_without_job_leads_to_goes_out_with_its_event(
    inbox: Inbox, transport: ScriptedTransport
) -> None:
    transport.answer(200, {"value": [job_json(job_id="a"), job_json("Paused", job_id="b")]})
    handled = inbox.handle(delivery({"servicePrincipalId": PRINCIPAL, "requestId": REQUEST_ID}))
    assert [request.job for request in handled.requests] == [JobReference(PRINCIPAL, None, job) for job in "ab"]
    assert {request.parent_request_id for request in handled.requests} == {REQUEST_ID}
    assert only(handled)["data"]["queued"] == [
        {"requestId": request.request_id, "jobId": request.job.job_id} for request in handled.requests
    ]


def test_an_array_is_taken_apart_and_its_faults_reported(inbox: Inbox, transport: ScriptedTransport) -> None:
    handled = inbox.handle(delivery([FULL, {"requestId": APP_ID, "jobId": JOB}, MINIMAL]))
    first, second = handled.requests
    assert first.request_id == REQUEST_ID != second.request_id
    data = only(handled)["data"]
    assert (data["reason"], data["requestId"]) == ("invalid_request", APP_ID)
    assert "/1/servicePrincipalId: is missing" in data["message"]
    assert json.loads(data["received"]) == {"requestId": APP_ID, "jobId": JOB}
    assert transport.requests == []


def test_an_unreadable_message_is_rejected_with_its_text(inbox: Inbox) -> None:
    data = only(inbox.handle(delivery(b"\xffstart")))["data"]
    assert (data["reason"], data["received"]) == ("unreadable_message", "\\xffstart")
    assert data["message"] == "start-job-function says: The message is not UTF-8: byte 0 is invalid."
    assert (data["requestedBy"], data["requestedAt"]) == ({"source": "queue"}, "2026-11-23T10:00:00.000Z")


def test_a_transient_fault_is_logged_and_left_to_the_queue(
    inbox: Inbox, transport: ScriptedTransport, caplog: pytest.LogCaptureFixture
) -> None:
    transport.answer(503, Retry_After="600")
    with pytest.raises(GraphUnavailable):
        inbox.handle(delivery(FULL))
    (record,) = caplog.records
    assert record.getMessage().startswith(f"try_again_later requestId={REQUEST_ID} job=servicePrincipals/{PRINCIPAL}/")
    assert record.getMessage().endswith('error="read answered 503"')


def test_the_same_message_delivered_again_gives_the_same_event_id(inbox: Inbox) -> None:
    ids = [only(inbox.handle(delivery(b"start", message_id)))["id"] for message_id in ("m-1", "m-1", "m-2")]
    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    "body",
    [MINIMAL, [MINIMAL], {**FULL, "requestId": None}, str(JobReference(PRINCIPAL, None, JOB)).encode()],
    ids=["object", "array of one", "all but the id", "path"],
)
def test_a_request_without_an_id_gets_one_before_anything_is_done(
    inbox: Inbox, transport: ScriptedTransport, body: Any
) -> None:
    first, again, other = (inbox.handle(delivery(body, message_id)) for message_id in ("m-1", "m-1", "m-2"))
    assert transport.requests == []
    assert (first, first.events) == (again, ())
    (request,) = first.requests
    assert request.request_id != other.requests[0].request_id

    # From now on it is in the message: whatever carries the message carries the id.
    (text,) = unpack(first.requests)
    transport.job("Active")
    for handled in (inbox.handle(delivery(text.encode(), "m-3")), inbox.give_up(delivery(text.encode(), "poison"))):
        data = only(handled)["data"]
        assert (data["requestId"], data["requestedAt"]) == (request.request_id, request.to_json()["requestedAt"])


def test_each_request_has_its_own_calls(inbox: Inbox, transport: ScriptedTransport) -> None:
    transport.job("Active").job("Active")
    calls = [only(inbox.handle(delivery(NAMED)))["data"]["graph"] for _ in range(2)]
    assert [len(listed) for listed in calls] == [1, 1]


@pytest.mark.parametrize(
    ("reason", "level"),
    [
        (Reason.RESUMED, logging.INFO),
        (Reason.ALREADY_ACTIVE, logging.INFO),
        (Reason.JOBS_QUEUED, logging.INFO),
        (Reason.TOO_MANY_DELETES, logging.WARNING),
        (Reason.NOT_FOUND, logging.WARNING),
        (Reason.NOT_ALLOWED, logging.WARNING),
    ],
)
def test_every_request_ends_in_one_log_line(
    new_graph: Callable[[], Graph], caplog: pytest.LogCaptureFixture, reason: Reason, level: int
) -> None:
    caplog.set_level(logging.INFO)
    inbox = Inbox(Settings(), new_graph, lambda *_: Ending(reason=reason))
    inbox.handle(delivery(FULL))
    (record,) = caplog.records
    assert record.levelno == level
    assert record.getMessage().startswith(
        f"start_request_ended requestId={REQUEST_ID} outcome={reason.outcome} reason={reason} "
        f"servicePrincipalId={PRINCIPAL} jobId={JOB} requestedBy=script reference=INC-7 durationMs="
    )


def test_the_log_line_tells_the_states_of_the_job(
    inbox: Inbox, transport: ScriptedTransport, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    transport.job("Quarantine").answer(204).job("Active")
    inbox.handle(delivery(NAMED))
    text = caplog.records[-1].getMessage()
    assert " codeBefore=Quarantine codeAfter=Active quarantineReason=EncounteredQuarantineException " in text


def test_a_stranger_cannot_write_a_log_line_of_its_own(inbox: Inbox, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    inbox.handle(delivery({"forged\nstart_request_ended outcome=started": 1, **FULL}))
    assert all("\n" not in record.getMessage() for record in caplog.records)


def test_an_abandoned_request_is_reported_with_itself(inbox: Inbox, transport: ScriptedTransport) -> None:
    event = only(inbox.give_up(delivery(FULL)))
    data = event["data"]
    assert (data["outcome"], data["reason"], data["requestId"]) == ("failed", "gave_up", REQUEST_ID)
    assert data["request"] == {
        **FULL,
        "startWhen": ["Quarantine", "Paused"],
        "force": False,
        "dryRun": False,
        "requestedAt": "2026-11-22T22:00:00.000Z",
    }
    assert (event["traceparent"], data["parentRequestId"], data["graph"]) == (TRACEPARENT, APP_ID, [])
    assert transport.requests == []


def test_each_abandoned_item_is_reported(inbox: Inbox) -> None:
    handled = inbox.give_up(delivery([FULL, {"jobId": JOB}, MINIMAL]))
    events = told(handled)
    assert {event["data"]["reason"] for event in events} == {"gave_up"}
    assert len({event["id"] for event in events}) == 3
    assert ["request" in event["data"] for event in events] == [True, False, True]
    assert json.loads(events[1]["data"]["received"]) == {"jobId": JOB}
    assert handled.requests == ()


def test_an_abandoned_message_that_cannot_be_read_is_reported_too(inbox: Inbox) -> None:
    data = only(inbox.give_up(delivery(b"hello")))["data"]
    assert (data["reason"], data["received"]) == ("gave_up", "hello")


def test_the_message_with_the_most_faults_leads_to_events_that_fit(inbox: Inbox) -> None:
    wide = delivery({f"\U0001f4a5{number}": number for number in range(2500)})
    many = delivery([{"\U0001f4a5": 0}] * MAX_ITEMS)
    for largest in (wide, many):
        assert len(largest.body) < MAX_MESSAGE
        for handled in (inbox.handle(largest), inbox.give_up(largest)):
            assert all(event.to_message() for event in handled.events)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)
LIKELY = st.dictionaries(st.sampled_from(list(FULL)), JSON | st.sampled_from(list(FULL.values())))
BODIES = st.binary(max_size=200) | (JSON | LIKELY | st.lists(LIKELY, max_size=4)).map(
    lambda value: json.dumps(value).encode()
)


def _held(request: StartRequest, *_: object) -> Ending:
    return Ending(reason=Reason.ALREADY_ACTIVE, code_after=JobCode.ACTIVE)


@given(BODIES)
def test_whatever_comes_every_item_ends_in_an_event_or_on_the_queue(body: bytes) -> None:
    inbox = Inbox(Settings(), lambda: None, _held)  # type: ignore[arg-type, return-value]
    given = delivery(body)
    handled, abandoned = inbox.handle(given), inbox.give_up(given)
    assert len(told(handled)) + len(handled.requests) == len(told(abandoned)) >= 1
    assert all(event.to_message() for event in (*handled.events, *abandoned.events))


def test_only_transient_errors_reach_the_queue(inbox: Inbox, transport: ScriptedTransport) -> None:
    for status in (400, 401, 401, 403, 403, 404, 405, 410):
        transport.answer(status, graph_error("x"))
    for status in (400, 401, 403, 404, 405, 410):
        assert only(inbox.handle(delivery(NAMED)))["data"]["outcome"] == "failed", status
    transport.answer(500, Retry_After="600")
    with pytest.raises(TransientError):
        inbox.handle(delivery(NAMED))


def test_requested_by_of_a_bare_path_is_the_queue(inbox: Inbox) -> None:
    (request,) = inbox.handle(delivery(str(JobReference(PRINCIPAL, None, JOB)).encode())).requests
    assert request.requested_by == RequestedBy("queue")
