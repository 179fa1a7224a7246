"""A job is never started twice and never forgotten: dead workers, lost answers, two workers on one job."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.errors import GraphRefused, GraphUnavailable, JobBusy, LedgerUnavailable, StartUnanswered, TransientError
from shared.inbox import Delivery
from shared.job_code import JobCode
from shared.json_text import write_json
from shared.ledger.entry import State, now
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.settings import Settings
from shared.starting.ending import Ending
from shared.starting.retry import RetryPolicy
from shared.starting.start_job import start_job
from shared.time_text import format_time
from tests.examples import JOB, PRINCIPAL, REQUEST_ID, WHEN, check_event, start_request
from tests.unit.fake_graph import FakeGraph
from tests.unit.fake_ledger import FakeLedger
from tests.unit.inbox_of import inbox_of

if TYPE_CHECKING:
    from shared.event.status_event import StatusEvent
    from shared.graph.client import Graph
    from shared.request.start_request import StartRequest

OTHER_REQUEST = "7b1d2c3e-1111-4222-8333-944445555666"
STEPS = ["get", "read", "put", "start", "read", "put"]
"""The calls that a start makes, in order."""
PATIENT = RetryPolicy(sleep=lambda _: None)
"""Retries without a wait."""


class Died(BaseException):
    """The worker dies: nothing that it would still do happens."""


class Death:
    """Kills the worker at its n-th call, before or after the call has its effect."""

    def __init__(self, step: int, *, done: bool) -> None:
        self._step, self._done = step, done
        self._calls = 0
        self.is_dead = False

    def before(self, _: str) -> None:
        self._calls += 1
        if self.is_dead or (self._calls == self._step + 1 and not self._done):
            self._die()

    def after(self, _: str) -> None:
        if self._calls == self._step + 1 and self._done:
            self._die()

    def _die(self) -> None:
        self.is_dead = True
        raise Died


@pytest.fixture
def graph() -> FakeGraph:
    return FakeGraph()


def soon() -> str:
    """The date of a quarantine that is later than everything so far."""
    return format_time(now() + timedelta(seconds=1))


def start(
    graph: FakeGraph,
    ledger: FakeLedger,
    settings: Settings | None = None,
    /,
    message_id: str = "message-1",
    **request: Any,
) -> Ending:
    return start_job(
        start_request(**request),
        graph,  # type: ignore[arg-type]
        settings or Settings(),
        ledger,
        message_id=message_id,
        retry=PATIENT,
    )


def deliver(graph: FakeGraph, ledger: FakeLedger, settings: Settings | None = None) -> StatusEvent:
    """Deliver the message to a new worker."""

    def work(request: StartRequest, client: Graph, message_id: str) -> Ending:
        return start_job(request, client, settings or Settings(), ledger, message_id=message_id, retry=PATIENT)

    inbox = inbox_of(work, lambda: graph)
    body = write_json({"requestId": REQUEST_ID, "servicePrincipalId": PRINCIPAL, "jobId": JOB}).encode()
    (event,) = inbox.handle(Delivery(body, "message-1", WHEN)).events
    check_event(event.to_json())
    return event


def facts(event: StatusEvent) -> tuple[object, ...]:
    data = event.to_json()["data"]
    return event.event_id, data["reason"], data["job"], data["requestedBy"]


def test_a_start_makes_three_calls_of_the_ledger_and_a_dry_run_one(graph: FakeGraph, ledger: FakeLedger) -> None:
    start(graph, ledger, dry_run=True)
    assert (ledger.calls, ledger.entities) == (["get"], {})
    start(graph, ledger)
    assert ledger.calls[1:] == ["get", "put", "put"]
    assert ledger.states == [State.STARTED]


def test_a_job_that_is_left_alone_writes_nothing(graph: FakeGraph, ledger: FakeLedger) -> None:
    graph.job.json["status"]["code"] = "Active"
    start(graph, ledger)
    assert (ledger.calls, ledger.entities) == (["get"], {})


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS)), ids=[f"{n}-{name}" for n, name in enumerate(STEPS)])
def test_a_worker_that_dies_leaves_a_message_that_ends_in_the_right_event(step: int, *, done: bool) -> None:
    undisturbed = facts(deliver(FakeGraph(), FakeLedger()))
    death = Death(step, done=done)
    graph, ledger = (
        FakeGraph(before=death.before, after=death.after),
        FakeLedger(before=death.before, after=death.after),
    )
    with pytest.raises(Died):
        deliver(graph, ledger)
    graph.before = graph.after = ledger.before = ledger.after = lambda _: None
    ledger.end_leases()

    assert facts(deliver(graph, ledger)) == undisturbed
    assert (graph.job.starts, graph.job.started_while_active) == (1, 0)
    assert facts(deliver(graph, ledger)) == undisturbed
    assert graph.job.starts == 1


@pytest.mark.parametrize("done", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(len(STEPS)), ids=[f"{n}-{name}" for n, name in enumerate(STEPS)])
def test_a_call_that_fails_once_is_made_good_in_the_same_invocation(step: int, *, done: bool) -> None:
    undisturbed = facts(deliver(FakeGraph(), FakeLedger()))
    calls = 0

    def before(_: str) -> None:
        nonlocal calls
        calls += 1
        fail(done=False)

    def fail(*, done: bool = True) -> None:
        if calls == step + 1 and done is expected:
            if STEPS[step] in {"get", "put"}:
                raise LedgerUnavailable("503")
            raise GraphUnavailable("503", may_have_worked=True)

    expected = done
    graph = FakeGraph(before=before, after=lambda _: fail())
    ledger = FakeLedger(before=before, after=lambda _: fail())
    event = deliver(graph, ledger, Settings(second_start_after=timedelta()))

    assert event.event_id == undisturbed[0]
    assert (graph.job.starts, ledger.states) == (1, [State.STARTED])


def test_a_ledger_that_stays_down_starts_nothing(graph: FakeGraph) -> None:
    def down(_: str) -> None:
        raise LedgerUnavailable("503")

    with pytest.raises(LedgerUnavailable):
        start(graph, FakeLedger(before=down))
    assert graph.job.starts == 0


def test_a_start_that_could_not_be_recorded_is_not_sent_again(graph: FakeGraph, ledger: FakeLedger) -> None:
    def down(name: str) -> None:
        if name == "put" and graph.job.starts:
            raise LedgerUnavailable("503")

    ledger.before = down
    with pytest.raises(LedgerUnavailable):
        start(graph, ledger)
    assert graph.job.starts == 1
    with pytest.raises(TransientError):
        start(graph, ledger)

    ledger.before = lambda _: None
    assert start(graph, ledger).reason is Reason.QUARANTINE_CLEARED
    assert (graph.job.starts, ledger.states) == (1, [State.STARTED])


def test_another_request_waits_for_the_worker_that_has_the_job(graph: FakeGraph, ledger: FakeLedger) -> None:
    death = Death(STEPS.index("start"), done=False)
    graph.before = ledger.before = death.before
    with pytest.raises(Died):
        start(graph, ledger)
    graph.before = ledger.before = lambda _: None

    reads: list[str] = []
    graph.before = reads.append
    with pytest.raises(JobBusy, match=REQUEST_ID):
        start(graph, ledger, request_id=OTHER_REQUEST)
    assert reads == []
    with pytest.raises(StartUnanswered):
        start(graph, ledger)
    ledger.end_leases()
    assert start(graph, ledger, request_id=OTHER_REQUEST).reason is Reason.QUARANTINE_CLEARED
    assert graph.job.starts == 1


def test_a_duplicate_of_the_message_settles_a_start_that_shows(graph: FakeGraph, ledger: FakeLedger) -> None:
    death = Death(STEPS.index("start"), done=True)
    graph.before, graph.after, ledger.before = death.before, death.after, death.before
    with pytest.raises(Died):
        start(graph, ledger)
    graph.before = graph.after = ledger.before = lambda _: None

    assert start(graph, ledger).reason is Reason.QUARANTINE_CLEARED
    assert ledger.states == [State.STARTED]


@pytest.mark.parametrize("first", [None, OTHER_REQUEST], ids=["first start", "later start"])
def test_a_refused_start_leaves_the_ledger_as_it_was(graph: FakeGraph, ledger: FakeLedger, first: str | None) -> None:
    if first is not None:
        start(graph, ledger, request_id=first)
        graph.job.quarantine(soon())
    kept = dict(ledger.entities)

    def throttled(name: str) -> None:
        if name == "start":
            raise GraphUnavailable("start answered 429", retry_after=600)

    graph.before = throttled
    with pytest.raises(GraphUnavailable):
        start(graph, ledger)
    assert ledger.entities == kept


def test_a_start_without_an_answer_gives_the_job_free_and_keeps_its_trace(graph: FakeGraph, ledger: FakeLedger) -> None:
    def lost(name: str) -> None:
        if name == "start":
            raise GraphUnavailable("start got no answer", retry_after=600, may_have_worked=True)

    graph.after = lost
    with pytest.raises(GraphUnavailable):
        start(graph, ledger)
    assert ledger.states == [State.STARTING]

    assert start(graph, ledger).reason is Reason.QUARANTINE_CLEARED
    assert (graph.job.starts, ledger.states) == (1, [State.STARTED])


def test_a_start_that_got_no_answer_and_had_no_effect_is_given_time_to_show(
    graph: FakeGraph, ledger: FakeLedger
) -> None:
    def lost(name: str) -> None:
        if name == "start":
            raise GraphUnavailable("start got no answer", retry_after=600, may_have_worked=True)

    graph.before = lost
    with pytest.raises(GraphUnavailable):
        start(graph, ledger)
    graph.before = lambda _: None
    (entity,) = ledger.entities.values()
    assert timedelta(seconds=50) < entity["LeaseUntil"] - now() <= Settings().second_start_after
    with pytest.raises(JobBusy):
        start(graph, ledger, request_id=OTHER_REQUEST)
    assert graph.job.starts == 0

    ledger.end_leases()
    assert start(graph, ledger, request_id=OTHER_REQUEST).reason is Reason.QUARANTINE_CLEARED
    (entity,) = ledger.entities.values()
    assert "EarlierStarts" not in entity


def test_a_start_whose_answer_was_lost_is_sent_again_only_after_a_minute(graph: FakeGraph, ledger: FakeLedger) -> None:
    sent: list[str] = []

    def lost(name: str) -> None:
        if name == "start" and not sent:
            sent.append(name)
            raise GraphUnavailable("start got no answer", may_have_worked=True)

    graph.before = lost
    with pytest.raises(StartUnanswered):
        start(graph, ledger)
    with pytest.raises(StartUnanswered):
        start(graph, ledger)
    assert graph.job.starts == 0
    ledger.end_leases()
    assert start(graph, ledger).reason is Reason.QUARANTINE_CLEARED
    assert graph.job.starts == 1


def test_a_worker_that_lost_its_claim_still_reports_the_start(graph: FakeGraph, ledger: FakeLedger) -> None:
    others: list[Ending] = []

    def overtake(name: str) -> None:
        if name == "start" and not others:
            ledger.end_leases()
            others.append(Ending(reason=Reason.GAVE_UP))
            others[0] = start(graph, ledger, request_id=OTHER_REQUEST)

    graph.before = overtake
    assert start(graph, ledger).reason is Reason.QUARANTINE_CLEARED
    assert others[0].reason is Reason.QUARANTINE_CLEARED
    (entity,) = ledger.entities.values()
    assert entity["RequestId"] == OTHER_REQUEST


def test_a_start_without_an_answer_after_which_the_job_relapsed_is_not_sent_again(
    graph: FakeGraph, ledger: FakeLedger
) -> None:
    def lost_and_relapsed(name: str) -> None:
        if name == "start":
            graph.job.quarantine(soon())
            raise GraphUnavailable("start got no answer", may_have_worked=True)

    graph.after = lost_and_relapsed
    ending = start(graph, ledger)
    assert (ending.reason, ending.code_after) == (Reason.START_ACCEPTED, JobCode.QUARANTINE)
    assert (graph.job.starts, ledger.states) == (1, [State.STARTED])


def test_a_start_of_a_dead_worker_is_reported_although_another_request_has_started_the_job_since() -> None:
    death = Death(STEPS.index("start"), done=True)
    graph = FakeGraph(before=death.before, after=death.after)
    ledger = FakeLedger(before=death.before, after=death.after)
    with pytest.raises(Died):
        start(graph, ledger)
    graph.before = graph.after = ledger.before = ledger.after = lambda _: None
    ledger.end_leases()
    graph.job.quarantine(soon())

    assert start(graph, ledger, request_id=OTHER_REQUEST).reason is Reason.QUARANTINE_CLEARED
    assert start(graph, ledger).reason is Reason.START_ACCEPTED
    assert graph.job.starts == 2


def test_an_active_job_of_another_cause_is_not_taken_for_the_throttled_start(
    graph: FakeGraph, ledger: FakeLedger
) -> None:
    def throttled(name: str) -> None:
        if name == "start":
            graph.job.json["status"]["code"] = "Active"
            raise GraphUnavailable("start answered 429")

    graph.before = throttled
    assert start(graph, ledger).reason is Reason.ALREADY_ACTIVE
    assert ledger.entities == {}


def test_two_workers_on_one_job_start_it_once(ledger: FakeLedger) -> None:
    both_have_read = threading.Barrier(2, timeout=30)
    waiting = {"first": 2}
    lock = threading.Lock()

    def meet(name: str) -> None:
        with lock:
            waits = name == "read" and waiting["first"] > 0
            waiting["first"] -= waits
        if waits:
            both_have_read.wait()

    graph = FakeGraph(after=meet)
    endings: list[Ending] = []

    def work(request_id: str) -> None:
        endings.append(
            start_job(start_request(request_id=request_id), graph, Settings(), ledger, message_id=request_id)  # type: ignore[arg-type]
        )

    threads = [threading.Thread(target=work, args=(request_id,)) for request_id in (REQUEST_ID, OTHER_REQUEST)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(ending.reason for ending in endings) == [Reason.ALREADY_ACTIVE, Reason.QUARANTINE_CLEARED]
    assert (graph.job.starts, graph.job.started_while_active) == (1, 0)


@pytest.mark.parametrize("spelled", [pytest.param(JOB, id="same spelling"), pytest.param(JOB.upper(), id="other case")])
def test_a_second_request_in_the_same_quarantine_names_the_first(
    graph: FakeGraph, ledger: FakeLedger, spelled: str
) -> None:
    start(graph, ledger)
    graph.job.quarantine("2026-11-22T21:14:09.1234567Z")
    ending = start(graph, ledger, request_id=OTHER_REQUEST, job=JobReference(PRINCIPAL, None, spelled))
    assert ending.reason is Reason.ALREADY_STARTED
    assert [start.request_id for start in ending.starts] == [REQUEST_ID]
    assert graph.job.starts == 1


def relapse(graph: FakeGraph, ledger: FakeLedger, times: int, **request: Any) -> list[Reason]:
    """Put the job into a new quarantine and start it, that many times."""
    reasons = []
    for _ in range(times):
        number = len(ledger.calls)
        graph.job.quarantine(soon())
        request_id = f"00000000-0000-4000-8000-{number:012d}"
        reasons.append(start(graph, ledger, request_id=request_id, **request).reason)
    return reasons


def test_a_job_that_relapses_again_and_again_is_held(graph: FakeGraph, ledger: FakeLedger) -> None:
    assert relapse(graph, ledger, 4) == [Reason.QUARANTINE_CLEARED] * 3 + [Reason.RELAPSING]
    ending = start(graph, ledger, request_id=OTHER_REQUEST)
    assert (ending.reason, len(ending.starts), graph.job.starts) == (Reason.RELAPSING, 3, 3)


def test_the_highest_limit_holds_however_long_the_texts_are(graph: FakeGraph, ledger: FakeLedger) -> None:
    settings, long = Settings(start_limit=10), "\x01\ud800" * 50_000
    by = RequestedBy("\x01" * 64, "\x01" * 256, "\x01" * 512)
    reasons = []
    for number in range(12):
        graph.job.quarantine(soon())
        status = graph.job.json["status"]
        status["quarantine"] |= {"reason": long, "error": {"code": long, "message": long}}
        status |= {"lastExecution": {"state": long, "error": {"code": long, "message": long}}}
        request_id = f"00000000-0000-4000-8000-{number:012d}"
        reasons.append(start(graph, ledger, settings, request_id=request_id, requested_by=by).reason)
    assert reasons == [Reason.QUARANTINE_CLEARED] * 10 + [Reason.RELAPSING] * 2


def test_force_overrides_the_limit_and_is_recorded(graph: FakeGraph, ledger: FakeLedger) -> None:
    relapse(graph, ledger, 3)
    assert relapse(graph, ledger, 1, force=True) == [Reason.QUARANTINE_CLEARED]
    (entity,) = ledger.entities.values()
    assert (entity["Forced"], graph.job.starts) == (True, 4)
    assert relapse(graph, ledger, 1) == [Reason.RELAPSING]


def test_an_entry_remembers_a_bounded_number_of_starts(graph: FakeGraph, ledger: FakeLedger) -> None:
    relapse(graph, ledger, 25, force=True)
    entry = ledger.get(start_request().job)
    assert entry is not None
    assert len(entry.starts) == 20
    assert entry.latest.at <= now()


def test_the_same_request_in_a_new_quarantine_is_a_new_task(graph: FakeGraph, ledger: FakeLedger) -> None:
    first = start(graph, ledger)
    assert start(graph, ledger, message_id="message-2") == first
    graph.job.quarantine(soon())
    again = start(graph, ledger, message_id="message-3")
    assert (again.reason, graph.job.starts) == (Reason.QUARANTINE_CLEARED, 2)
    assert again.before != first.before
    graph.job.quarantine(soon())
    assert start(graph, ledger, request_id=OTHER_REQUEST).reason is Reason.QUARANTINE_CLEARED


def test_a_message_delivered_again_tells_its_start_whatever_has_become_of_the_job_since(
    graph: FakeGraph, ledger: FakeLedger
) -> None:
    first = start(graph, ledger)
    for _ in range(Settings().start_limit):
        graph.job.quarantine(soon())
        start(graph, ledger, message_id=soon(), request_id=OTHER_REQUEST)
    starts = graph.job.starts
    assert start(graph, ledger) == first
    assert graph.job.starts == starts


def test_what_was_recorded_is_the_answer_although_the_job_is_gone_since(graph: FakeGraph, ledger: FakeLedger) -> None:
    first = start(graph, ledger)

    def gone(_: str) -> None:
        raise GraphRefused(Reason.NOT_FOUND, operation="read", status=404, code="NotFound", detail="")

    graph.before = gone
    assert start(graph, ledger, message_id="message-2") == first
