"""A run of the recovery timer, and the report of what it saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.errors import JobBusy, LedgerUnavailable
from shared.graph.job import parse_job
from shared.inbox import Delivery
from shared.job_code import JobCode
from shared.ledger.entry import Entry, Lease, State, now
from shared.outcome import Outcome, Reason
from shared.recovery import follow as module
from shared.recovery.follow import follow_starts
from shared.recovery.report import report_recovery
from shared.request.reference import JobReference
from shared.settings import Settings
from tests.examples import (
    APP_ID,
    JOB,
    PRINCIPAL,
    REQUEST_ID,
    WHEN,
    check_event,
    graph_error,
    job_json,
    start,
    start_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.event.status_event import StatusEvent
    from shared.graph.client import Graph
    from shared.ledger.entry import Start
    from shared.recovery.message import SeenFate
    from tests.unit.fake_ledger import FakeLedger
    from tests.unit.scripted_transport import ScriptedTransport

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER_REQUEST = "7b1d2c3e-1111-4222-8333-944445555666"
SUCCEEDED = {"state": "Succeeded", "timeBegan": "2036-11-23T11:00:00Z"}


RELAPSED = job_json()
"""The job in a quarantine that began ten minutes after its start."""
RELAPSED["status"]["quarantine"]["seriesBegan"] = "2026-11-23T10:15:00Z"


def recent(**changes: Any) -> Start:
    """A start whose deadline is to come."""
    return start(start_request(traceparent=TRACEPARENT), **{"follow_until": now() + timedelta(hours=1), **changes})


def add(ledger: FakeLedger, latest: Start | None = None, *, job_id: str = JOB, **entry: Any) -> None:
    ledger.put(Entry(job=JobReference(PRINCIPAL, None, job_id), latest=latest or recent(), **entry))


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def follow(ledger: FakeLedger, new_graph: Callable[[], Graph], waits: list[float]) -> Callable[[], list[SeenFate]]:
    return lambda: follow_starts(ledger, new_graph, sleep=waits.append)


def report(ledger: FakeLedger, seen: SeenFate, *, dequeue_count: int = 1) -> StatusEvent | None:
    delivery = Delivery(seen.to_message().encode(), "message-1", WHEN, dequeue_count)
    event = report_recovery(delivery, ledger, Settings())
    if event is not None:
        check_event(event.to_json())
    return event


def test_a_recovered_job_is_seen_and_the_ledger_left_alone(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    add(ledger)
    transport.job("Active", lastExecution=SUCCEEDED)
    (seen,) = follow()
    assert (seen.request_id, seen.fate.reason) == (REQUEST_ID, Reason.RUNNING_AGAIN)
    assert (ledger.calls.count("put"), ledger.states) == (1, [State.STARTED])


def test_a_job_whose_fate_is_open_is_read_again_next_time(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    add(ledger)
    transport.job("Active").job("Active")
    assert follow() == follow() == []
    assert len(transport.requests) == 2


def test_only_starts_without_fate_are_followed(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    add(ledger, recent(reason=None, code_after=None), job_id="a")
    add(ledger, recent(fate=Reason.RUNNING_AGAIN, fate_seen_at=WHEN), job_id="b")
    assert follow() == []
    assert transport.requests == []


def test_reads_are_paced(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport, waits: list[float]
) -> None:
    for job_id in "abc":
        add(ledger, job_id=job_id)
        transport.job("Active")
    follow()
    assert waits == [module.PACE] * 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_run_stops_at_the_first_refusal_and_keeps_what_it_saw(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport, status: int
) -> None:
    for job_id in "abc":
        add(ledger, job_id=job_id)
    transport.job("Active", lastExecution=SUCCEEDED).answer(status, Retry_After="60").job("Active")
    assert [seen.fate.reason for seen in follow()] == [Reason.RUNNING_AGAIN]
    assert len(transport.requests) == 2


def test_a_run_is_bounded_in_time(
    follow: Callable[[], list[SeenFate]],
    ledger: FakeLedger,
    transport: ScriptedTransport,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LONGEST_RUN", -1.0)
    add(ledger)
    assert follow() == []
    assert transport.requests == []


def test_an_unreadable_job_waits_for_its_deadline_and_holds_up_no_other(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    add(ledger, job_id="a")
    add(ledger, job_id="b")
    transport.answer(403, graph_error("Authorization_RequestDenied"))
    transport.answer(403, graph_error("Authorization_RequestDenied"))
    assert follow() == []
    assert len(transport.requests) == 2


@pytest.mark.parametrize(
    ("status", "deadline_is_over", "expected"),
    [
        (404, False, Reason.JOB_GONE),
        (403, True, Reason.NO_SUCCESSFUL_RUN),
        (500, True, Reason.NO_SUCCESSFUL_RUN),
    ],
)
def test_a_job_that_cannot_be_read_ends_unconfirmed(
    follow: Callable[[], list[SeenFate]],
    ledger: FakeLedger,
    transport: ScriptedTransport,
    status: int,
    expected: Reason,
    *,
    deadline_is_over: bool,
) -> None:
    add(ledger, recent(follow_until=now()) if deadline_is_over else None)
    transport.answer(status, graph_error("Why"))
    (seen,) = follow()
    assert (seen.fate.reason, [call.status for call in seen.calls]) == (expected, [status])
    event = report(ledger, seen)
    assert event is not None
    assert str(status) in str(event.to_json()["data"]["recovery"]["error"])


def test_a_start_that_another_followed_is_reported_without_a_read(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    before = parse_job(RELAPSED)
    second = recent(request_id=OTHER_REQUEST, at=now(), before=before, fate=Reason.RUNNING_AGAIN, fate_seen_at=now())
    add(ledger, second, earlier=(recent(),))
    (seen,) = follow()
    assert (seen.request_id, seen.fate.reason) == (REQUEST_ID, Reason.QUARANTINED_AGAIN)
    assert transport.requests == []
    assert report(ledger, seen) is not None
    assert follow() == []


def test_a_start_that_another_follows_right_now_waits(follow: Callable[[], list[SeenFate]], ledger: FakeLedger) -> None:
    second = recent(request_id=OTHER_REQUEST, reason=None, code_after=None)
    add(ledger, second, earlier=(recent(),), lease=Lease("x", now() + timedelta(minutes=1)))
    assert follow() == []


def test_entries_that_nobody_touched_for_90_days_are_removed(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger
) -> None:
    for days in (89, 91):
        add(ledger, recent(reason=None, code_after=None), job_id=f"d{days}")
        ledger.touched[PRINCIPAL, f"d{days}"] = now() - timedelta(days=days)
    follow()
    assert [key[1] for key in ledger.entities] == ["d89"]


def seen_relapse(follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport) -> SeenFate:
    add(ledger, recent(app_id=APP_ID))
    transport.answer(200, RELAPSED)
    (seen,) = follow()
    return seen


def test_the_report_carries_the_request_and_both_quarantines(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    event = report(ledger, seen_relapse(follow, ledger, transport))
    assert event is not None
    json = event.to_json()
    data = json["data"]
    assert json["type"] == "EntraProvisioning.SynchronizationJob.StartRelapsed"
    assert json["traceparent"] == TRACEPARENT
    assert (data["outcome"], data["requestId"]) == (Outcome.RELAPSED, REQUEST_ID)
    assert data["requestedBy"] == {"source": "http", "reference": "INC-7", "summary": "Quarantine of Contoso"}
    assert (data["job"]["appId"], data["job"]["codeAfter"]) == (APP_ID, JobCode.QUARANTINE)
    assert data["recovery"]["quarantine"]["error"]["message"] == "No."
    assert data["recovery"]["lastedSeconds"] > 0
    assert [call["operation"] for call in data["graph"]] == ["read"]
    assert ledger.states == [State.RELAPSED]


def test_a_fate_that_was_seen_twice_is_reported_once(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    first = seen_relapse(follow, ledger, transport)
    later = replace(first.fate, seen_at=first.fate.seen_at + timedelta(minutes=5))
    second = replace(first, fate=later)
    assert report(ledger, first) is not None
    assert report(ledger, first) is None
    assert report(ledger, second) is None
    assert report(ledger, second, dequeue_count=2) is None


def test_a_report_that_could_not_be_sent_is_made_again_with_the_same_contents(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    seen = seen_relapse(follow, ledger, transport)
    first, again = report(ledger, seen), report(ledger, seen, dequeue_count=2)
    assert first is not None
    assert again is not None
    assert first.to_json() == again.to_json()


def test_a_report_that_fails_changes_nothing(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    seen = seen_relapse(follow, ledger, transport)

    def fail(name: str) -> None:
        if name == "put":
            raise LedgerUnavailable("503")

    ledger.before = fail
    with pytest.raises(LedgerUnavailable):
        report(ledger, seen)
    ledger.before = lambda _: None
    assert report(ledger, seen, dequeue_count=2) is not None


def test_a_report_yields_to_a_worker_that_changed_the_entry(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    seen = seen_relapse(follow, ledger, transport)

    def change(name: str) -> None:
        if name == "get":
            ledger.etags[PRINCIPAL, JOB] = "changed"

    ledger.after = change
    with pytest.raises(JobBusy):
        report(ledger, seen)
    assert ledger.states == [State.STARTED]


def test_the_fate_of_a_start_that_the_ledger_does_not_know_is_dropped(
    follow: Callable[[], list[SeenFate]], ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    seen = seen_relapse(follow, ledger, transport)
    ledger.entities.clear()
    assert report(ledger, seen) is None
