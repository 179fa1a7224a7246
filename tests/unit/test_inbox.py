"""Queue messages, from delivery to status events."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import GraphUnavailable, QueueUnavailable
from shared.event.advice import advice
from shared.event.waited import LOOK_FIRST
from shared.inbox import BY_BINDING_FROM, Delivery, Handled, Inbox
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.request.message import MAX_ITEMS, MAX_MESSAGE, unpack
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.settings import Settings
from shared.starting.ending import Ending
from shared.starting.retry import RetryPolicy
from shared.starting.start_job import start_job
from shared.waiting.services import Services
from tests.examples import (
    APP_ID,
    JOB,
    PRINCIPAL,
    REQUEST_ID,
    SCHEMAS,
    WHEN,
    check_event,
    graph_error,
    job_json,
    open_message,
)
from tests.examples import start as a_start
from tests.unit.inbox_of import PutBack, inbox_of

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
    """Processes a request with these settings."""

    def start(request: StartRequest, graph: Graph, message_id: str) -> Ending:
        return start_job(request, graph, settings, ledger, message_id=message_id)

    return start


@pytest.fixture
def start(ledger: FakeLedger) -> Callable[[StartRequest, Graph, str], Ending]:
    """Processes a request with the ledger of the test."""
    return starting(Settings(), ledger)


@pytest.fixture
def put_back() -> PutBack:
    """The messages that were put back on the queue for later."""
    return PutBack()


@pytest.fixture
def inbox(new_graph: Callable[[], Graph], start: Callable[..., Ending], put_back: PutBack) -> Inbox:
    """The inbox on the fake Graph."""
    return inbox_of(start, new_graph, Settings(site_name="contoso-start"), put_back=put_back)


class Clocked:
    """An inbox with a clock of its own. What is put back is delivered when it becomes visible."""

    def __init__(self, new_graph: Callable[[], Graph], ledger: FakeLedger) -> None:
        self.settings = Settings()
        self.now = WHEN
        self.told_after = timedelta(0)
        self._new_graph = new_graph
        self._ledger = ledger
        self._put_back = PutBack()
        self._services = Services(clock=self._timestamp, longest_wait=0)
        self._script: tuple[ScriptedTransport, int, str] | None = None

    def _timestamp(self) -> float:
        return self.now.timestamp()

    def answer_always(self, transport: ScriptedTransport, status: int, code: str) -> None:
        self._script = transport, status, code

    def handle(self, body: Any) -> Handled:
        if self._script is not None:
            transport, status, code = self._script
            transport.answers.clear()
            for _ in range(20):
                transport.answer(status, graph_error(code, "why"))

        def work(request: StartRequest, graph: Graph, message_id: str) -> Ending:
            retry = RetryPolicy(sleep=lambda _: None)
            return start_job(request, graph, self.settings, self._ledger, message_id=message_id, retry=retry)

        inbox = inbox_of(
            work,
            self._new_graph,
            self.settings,
            put_back=self._put_back,
            services=self._services,
            clock=lambda: self.now,
        )
        return inbox.handle(delivery(body))

    def handle_again(self) -> Handled:
        text, gap = self._put_back.messages.pop()
        self.now += gap
        return self.handle(text.encode())

    def until_it_ends(self, body: Any) -> tuple[list[dict[str, Any]], timedelta]:
        """All its events, and how long that took."""
        events = told(self.handle(body))
        while self._put_back.messages:
            more = told(self.handle_again())
            if any(event["data"]["outcome"] == "delayed" for event in more):
                self.told_after = self.now - WHEN
            events += more
        return events, self.now - WHEN


@pytest.fixture
def clocked(new_graph: Callable[[], Graph], ledger: FakeLedger) -> Clocked:
    return Clocked(new_graph, ledger)


def check_waiting(content: dict[str, Any]) -> dict[str, Any]:
    """The content of a waiting request's message, checked against the schema."""
    SCHEMAS["waiting-request"].validate(content)
    return content


def delivery(body: Any, message_id: str = "m-1") -> Delivery:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Delivery(data, message_id, WHEN)


def told(handled: Handled) -> list[dict[str, Any]]:
    """The events, checked against the schema."""
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


def test_the_event_has_the_object_id_that_was_found(inbox: Inbox, transport: ScriptedTransport) -> None:
    transport.answer(200, {"id": PRINCIPAL}).job("Active")
    event = only(inbox.handle(delivery({"appId": APP_ID, "jobId": JOB, "requestId": REQUEST_ID})))
    assert event["data"]["job"]["servicePrincipalId"] == PRINCIPAL
    assert event["data"]["job"]["appId"] == APP_ID


def test_a_request_that_ends_before_graph_is_called_names_its_job(
    new_graph: Callable[[], Graph], ledger: FakeLedger
) -> None:
    settings = Settings(allowed_service_principals=frozenset({APP_ID}))
    inbox = inbox_of(starting(settings, ledger), new_graph, settings)
    event = only(inbox.handle(delivery(NAMED)))
    assert (event["data"]["reason"], event["data"]["job"]["jobId"]) == ("not_allowed", JOB)


def test_parts_of_a_request_without_job_are_sent_with_its_event(inbox: Inbox, transport: ScriptedTransport) -> None:
    transport.answer(200, {"value": [job_json(job_id="a"), job_json("Paused", job_id="b")]})
    handled = inbox.handle(delivery({"servicePrincipalId": PRINCIPAL, "requestId": REQUEST_ID}))
    assert [request.job for request in handled.requests] == [JobReference(PRINCIPAL, None, job) for job in "ab"]
    assert {request.parent_request_id for request in handled.requests} == {REQUEST_ID}
    assert only(handled)["data"]["queued"] == [
        {"requestId": request.request_id, "jobId": request.job.job_id} for request in handled.requests
    ]


def test_an_array_is_split_and_its_faults_are_reported(inbox: Inbox, transport: ScriptedTransport) -> None:
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


def test_a_request_in_an_outage_is_put_back_for_later(
    inbox: Inbox, transport: ScriptedTransport, put_back: PutBack, caplog: pytest.LogCaptureFixture
) -> None:
    transport.answer(503, Retry_After="600")
    assert inbox.handle(delivery(FULL)) == Handled()
    ((text, gap),) = put_back.messages
    content = check_waiting(open_message(text))
    assert content["request"]["requestId"] == REQUEST_ID
    assert content["request"]["traceparent"] == TRACEPARENT
    assert content["waiting"]["error"] == "read answered 503"
    assert (content["waiting"]["tries"], content["waiting"]["told"]) == (1, False)
    assert gap.total_seconds() == pytest.approx(300, abs=5), (
        "then a person is told; nothing is called before ten minutes are over"
    )
    assert caplog.records[-1].getMessage().startswith(f"request_waits requestId={REQUEST_ID} job=servicePrincipals/")


def test_host_delivers_a_request_again_that_cannot_be_put_back(
    inbox: Inbox, transport: ScriptedTransport, put_back: PutBack
) -> None:
    put_back.fault = QueueUnavailable("503 ServerBusy")
    transport.answer(503, Retry_After="600")
    with pytest.raises(GraphUnavailable):
        inbox.handle(delivery(FULL))


def test_before_the_host_gives_it_up_it_goes_back_by_the_binding(
    inbox: Inbox, transport: ScriptedTransport, put_back: PutBack
) -> None:
    put_back.fault = QueueUnavailable("503 ServerBusy")
    transport.answer(503, Retry_After="600")
    (text,) = inbox.handle(delivery(FULL)._replace(dequeue_count=BY_BINDING_FROM)).waiting
    transport.job("Active")
    assert only(inbox.handle(delivery(open_message(text))))["data"]["requestId"] == REQUEST_ID


def test_waiting_request_ends_with_the_event_of_its_last_attempt(
    inbox: Inbox, transport: ScriptedTransport, put_back: PutBack
) -> None:
    transport.answer(503, Retry_After="600").job("Quarantine").answer(204).job("Active")
    inbox.handle(delivery(NAMED))
    ((text, _),) = put_back.messages
    event = only(inbox.handle(delivery(text.encode(), "another-message")))
    first = open_message(text)["request"]
    assert event["data"]["reason"] == "quarantine_cleared"
    assert event["data"]["requestId"] == first["requestId"]
    assert event["data"]["requestedAt"] == first["requestedAt"]


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

    # From now on the id is in the message, so that every copy of the message has it.
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
        (Reason.NOT_ALLOWED, logging.WARNING),
    ],
)
def test_every_request_ends_in_one_log_line(
    new_graph: Callable[[], Graph], caplog: pytest.LogCaptureFixture, reason: Reason, level: int
) -> None:
    caplog.set_level(logging.INFO)
    inbox = inbox_of(lambda *_: Ending(reason=reason), new_graph)
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
    inbox = inbox_of(_held)
    given = delivery(body)
    handled, abandoned = inbox.handle(given), inbox.give_up(given)
    assert len(told(handled)) + len(handled.requests) == len(told(abandoned)) >= 1
    assert all(event.to_message() for event in (*handled.events, *abandoned.events))


PASSING = (
    (400, "BadRequest", Reason.BAD_REQUEST),
    (404, "Request_ResourceNotFound", Reason.NOT_FOUND),
    (401, "UnknownError", Reason.PERMISSION_MISSING),
    (403, "Authorization_RequestDenied", Reason.PERMISSION_MISSING),
    (401, "InvalidAuthenticationToken", Reason.AUTHENTICATION_FAILED),
)


@pytest.mark.parametrize(("status", "code", "reason"), PASSING)
def test_one_refusal_is_not_believed(
    clocked: Clocked, transport: ScriptedTransport, status: int, code: str, reason: Reason
) -> None:
    for _ in range(2):  # a token is replaced, and a 403 is retried
        transport.answer(status, graph_error(code, "why"))
    assert clocked.handle(NAMED) == Handled()
    transport.answers.clear()
    transport.job("Active")
    assert only(clocked.handle_again())["data"]["reason"] == "already_active"


@pytest.mark.parametrize(("status", "code", "reason"), PASSING[:2])
def test_a_refusal_that_lasts_ten_minutes_is_the_end(
    clocked: Clocked, transport: ScriptedTransport, status: int, code: str, reason: Reason
) -> None:
    clocked.answer_always(transport, status, code)
    events, took = clocked.until_it_ends(NAMED)
    (event,) = events
    assert event["data"]["reason"] == reason
    assert timedelta(minutes=10) <= took <= timedelta(minutes=10, seconds=5)


@pytest.mark.parametrize(
    ("status", "code", "reason", "delayed"),
    [
        (*PASSING[2], "permission_awaited"),
        (*PASSING[3], "permission_awaited"),
        (*PASSING[4], "token_refused"),
    ],
)
def test_what_a_person_must_fix_is_told_within_six_minutes_and_waits_a_day(  # noqa: PLR0917 - the table's columns
    clocked: Clocked, transport: ScriptedTransport, status: int, code: str, reason: Reason, delayed: str
) -> None:
    clocked.answer_always(transport, status, code)
    (told, end), took = clocked.until_it_ends(NAMED)
    assert (told["data"]["outcome"], told["data"]["reason"]) == ("delayed", delayed)
    assert clocked.told_after <= timedelta(minutes=6)
    assert "Do not send the request again" in told["data"]["advice"]
    assert end["data"]["reason"] == reason
    assert timedelta(hours=24) <= took <= timedelta(hours=24, seconds=5)
    assert end["data"]["waited"]["tries"] > 90


def test_a_request_that_is_given_up_names_its_cause(clocked: Clocked, transport: ScriptedTransport) -> None:
    clocked.answer_always(transport, 503, "serviceNotAvailable")
    (told, end), _ = clocked.until_it_ends(FULL)
    assert told["data"]["reason"] == "graph_unavailable"
    assert told["data"]["waited"]["until"] > told["time"]
    data = end["data"]
    assert (data["reason"], data["request"]["requestId"]) == ("gave_up", REQUEST_ID)
    assert "503 serviceNotAvailable" in data["message"]
    assert f"tried {data['waited']['tries']} times since {data['waited']['since']}" in data["message"]
    assert data["graph"][-1]["status"] == 503


def test_patience_is_a_setting(clocked: Clocked, transport: ScriptedTransport) -> None:
    clocked.settings = Settings(give_up_after=timedelta(minutes=3))
    clocked.answer_always(transport, 404, "NotFound")
    (event,), took = clocked.until_it_ends(NAMED)
    assert (event["data"]["reason"], round(took.total_seconds() / 60)) == ("not_found", 3)


def test_a_request_that_the_host_gave_up_says_that(
    inbox: Inbox, put_back: PutBack, transport: ScriptedTransport
) -> None:
    assert "The Functions host gave up the request" in only(inbox.give_up(delivery(FULL)))["data"]["message"]
    transport.answer(503, graph_error("Busy"), Retry_After="600")
    inbox.handle(delivery(FULL))
    data = only(inbox.give_up(delivery(put_back.messages[0][0].encode())))["data"]
    assert "The last error before that: read answered 503 Busy" in data["message"]
    assert data["requestId"] == REQUEST_ID
    assert data["waited"]["tries"] == 1


def test_a_start_that_the_ledger_knows_is_told_in_place_of_giving_up() -> None:
    (event,) = inbox_of(_held, started=a_start()).give_up(delivery(FULL)).events
    assert event.ending.reason is Reason.QUARANTINE_CLEARED


def test_after_a_possible_start_there_is_no_advice_to_send_again() -> None:
    given_up = inbox_of(_held, started=a_start()._replace(reason=None)).give_up(delivery(FULL))
    data = only(given_up)["data"]
    assert data["reason"] == "gave_up"
    assert "can't tell whether the start took effect" in data["message"]
    assert data["advice"].startswith("Look at the job before you send the request again")


def test_a_refusal_after_a_start_whose_answer_was_lost_says_that_the_job_may_have_been_started() -> None:
    refused = Ending(reason=Reason.AUTHENTICATION_FAILED, operation="read", error="401 InvalidAuthenticationToken")
    inbox = inbox_of(
        lambda *_: refused, started=a_start()._replace(reason=None), settings=Settings(give_up_after=timedelta(0))
    )
    data = only(inbox.handle(delivery(NAMED)))["data"]
    assert data["reason"] == "authentication_failed"
    assert "A start of the job was sent before that" in data["message"]
    assert data["advice"].endswith("it may have been started.")


def test_the_advice_of_a_refusal_stays_where_a_start_was_sent_before_it() -> None:
    ending = Ending(reason=Reason.NOT_FOUND, operation="read", error="404 NotFound")
    assert advice(ending._replace(may_have_started=True)) == f"{advice(ending)} {LOOK_FIRST}"


def test_requested_by_of_a_bare_path_is_the_queue(inbox: Inbox) -> None:
    (request,) = inbox.handle(delivery(str(JobReference(PRINCIPAL, None, JOB)).encode())).requests
    assert request.requested_by == RequestedBy("queue")


def alert_of_event_grid(*rows: dict[str, str], condition: str = "Fired") -> bytes:
    conditions = [{"dimensions": [{"name": name, "value": row[name]} for name in row]} for row in rows]
    alert = {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {"alertId": "/alerts/1", "alertRule": "Quarantine", "monitorCondition": condition},
            "alertContext": {"condition": {"allOf": conditions}},
        },
    }
    return json.dumps({"id": "1", "eventType": "alert", "subject": "x", "data": alert}).encode()


def test_the_jobs_of_an_alert_that_event_grid_queues_are_requests(inbox: Inbox) -> None:
    alert = alert_of_event_grid(*({"ServicePrincipalId": PRINCIPAL, "JobId": job} for job in "ab"))
    first, again = (inbox.handle(delivery(alert, message_id)) for message_id in ("m-1", "m-2"))
    assert [request.job.job_id for request in first.requests] == ["a", "b"]
    assert first.requests[0].requested_by == RequestedBy("azure-monitor", "/alerts/1", "Quarantine")
    assert first.requests[0].start_when == {JobCode.QUARANTINE}
    assert [request.request_id for request in first.requests] == [request.request_id for request in again.requests]


def test_an_alert_on_the_queue_that_names_no_job_is_reported(inbox: Inbox) -> None:
    data = only(inbox.handle(delivery(alert_of_event_grid({"AppId": "x"}))))["data"]
    assert (data["reason"], data["requestedBy"]["reference"]) == ("no_job_reference", "/alerts/1")


def test_an_alert_on_the_queue_that_is_over_asks_for_nothing(inbox: Inbox) -> None:
    handled = inbox.handle(delivery(alert_of_event_grid({"ServicePrincipalId": PRINCIPAL}, condition="Resolved")))
    assert (handled.events, handled.requests) == ((), ())


def test_alerts_and_requests_in_one_message_stay_apart(inbox: Inbox) -> None:
    alert = json.loads(alert_of_event_grid({"ServicePrincipalId": PRINCIPAL, "JobId": JOB}))["data"]
    torn = {"schemaId": "azureMonitorCommonAlertSchema", "data": {}}
    handled = inbox.handle(delivery(json.dumps([MINIMAL, alert, torn]).encode()))
    assert [request.requested_by.source for request in handled.requests] == ["queue", "azure-monitor"]
    assert [event.ending.error for event in handled.events] == ["/data/essentials: must be an object"]


def test_no_event_is_lost_where_one_of_two_alerts_names_a_job(inbox: Inbox) -> None:
    alert, nameless = (
        json.loads(alert_of_event_grid(row))["data"]
        for row in ({"ServicePrincipalId": PRINCIPAL, "JobId": JOB}, {"AppId": "x"})
    )
    handled = inbox.handle(delivery(json.dumps([alert, nameless]).encode()))
    assert (len(handled.requests), len(handled.events)) == (1, 1)


def test_a_fault_of_the_app_itself_is_logged_with_the_request(caplog: pytest.LogCaptureFixture) -> None:
    def start(*_: object) -> Ending:
        raise KeyError("status")

    with pytest.raises(KeyError):
        inbox_of(start).handle(Delivery(json.dumps(NAMED).encode(), "m-1", WHEN))
    (found,) = [record for record in caplog.records if record.getMessage().startswith("work_failed")]
    assert found.levelno == logging.ERROR
    assert f"requestId={REQUEST_ID}" in found.getMessage()
    assert "KeyError: 'status'" in found.getMessage()


def test_a_request_that_has_waited_for_too_long_is_told_by_the_start_that_the_ledger_knows() -> None:
    refused = Ending(reason=Reason.AUTHENTICATION_FAILED, operation="read", error="401 InvalidAuthenticationToken")
    inbox = inbox_of(lambda *_: refused, started=a_start(), settings=Settings(give_up_after=timedelta(0)))
    data = only(inbox.handle(delivery(NAMED)))["data"]
    assert data["reason"] == "quarantine_cleared"
    assert "waited" not in data
