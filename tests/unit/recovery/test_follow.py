"""A run of the recovery timer: what it reads, reports and records, and what ends it."""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from unittest.mock import ANY

import pytest

from shared.errors import GraphUnavailable, JobBusy, LedgerUnavailable, QueueUnavailable, TokenUnavailable
from shared.graph.client import Graph, new_session
from shared.graph.http_session import READERS
from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.ledger.entry import Entry, Lease, State, now
from shared.outcome import Outcome, Reason
from shared.recovery import follow as module
from shared.recovery.follow import follow_starts
from shared.recovery.report import Reporter
from shared.request.reference import JobReference
from shared.settings import Settings
from shared.waiting.services import Services
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
from tests.unit.fake_graph import FakeGraph

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.event.status_event import StatusEvent
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Start
    from tests.unit.fake_ledger import FakeLedger
    from tests.unit.scripted_transport import ScriptedTransport

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
OTHER_REQUEST = "7b1d2c3e-1111-4222-8333-944445555666"
SUCCEEDED = {"state": "Succeeded", "timeBegan": "2036-11-23T11:00:00Z"}


RELAPSED = job_json()
"""The job in a quarantine that began ten minutes after its start."""
RELAPSED["status"]["quarantine"]["seriesBegan"] = "2026-11-23T10:15:00Z"


def recent(**changes: Any) -> Start:
    """A start whose deadline is in the future."""
    return start(start_request(traceparent=TRACEPARENT), **{"follow_until": now() + timedelta(hours=1), **changes})


def add(ledger: FakeLedger, latest: Start | None = None, *, job_id: str = JOB, **entry: Any) -> None:
    ledger.put(Entry(job=JobReference(PRINCIPAL, None, job_id), latest=latest or recent(), **entry))


@dataclass
class Runs:
    """Runs of the timer, and their results."""

    ledger: FakeLedger
    new_graph: Callable[[], Graph]
    waits: list[float] = field(default_factory=list)
    told: list[StatusEvent] = field(default_factory=list)
    fault: Exception | None = None
    """Raised when an event is put on its queue."""

    def __call__(self) -> list[str]:
        """Run once more, and return the reasons of its events."""
        before = len(self.told)
        reporter = Reporter(self.ledger, self._tell, "local")
        follow_starts(self.ledger, self.new_graph, reporter, sleep=self.waits.append)
        return [event.ending.reason for event in self.told[before:]]

    def _tell(self, event: StatusEvent) -> None:
        if self.fault is not None:
            raise self.fault
        check_event(event.to_json())
        self.told.append(event)


@pytest.fixture
def run(ledger: FakeLedger, new_graph: Callable[[], Graph]) -> Runs:
    return Runs(ledger, new_graph)


def fail_when_told(run: Runs, ledger: FakeLedger, fault: Exception) -> None:
    """Make the ledger fail each write that follows an event."""

    def fail(name: str) -> None:
        if name == "put" and run.told:
            raise fault

    ledger.before = fail


def test_a_recovered_job_is_told_and_then_noted(run: Runs, ledger: FakeLedger, transport: ScriptedTransport) -> None:
    add(ledger)
    transport.job("Active", lastExecution=SUCCEEDED)
    assert run() == [Reason.RUNNING_AGAIN]
    assert ledger.states == [State.RECOVERED]
    assert run() == []
    assert len(transport.requests) == 1


def test_the_event_carries_the_request_and_both_quarantines(
    run: Runs, ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    add(ledger, recent(app_id=APP_ID))
    transport.answer(200, RELAPSED)
    run()
    json = run.told[0].to_json()
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


def test_a_job_whose_fate_is_open_is_read_again_next_time(
    run: Runs, ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    add(ledger)
    transport.job("Active").job("Active")
    assert run() == run() == []
    assert (len(transport.requests), ledger.calls.count("put")) == (2, 1)


def test_only_starts_without_fate_are_followed(run: Runs, ledger: FakeLedger, transport: ScriptedTransport) -> None:
    add(ledger, recent(reason=None, code_after=None), job_id="a")
    add(ledger, recent(fate=Reason.RUNNING_AGAIN, fate_seen_at=WHEN), job_id="b")
    assert run() == []
    assert transport.requests == []


class TestTold:
    """An event is sent at least once, whatever fails."""

    def test_event_that_the_queue_refuses_is_sent_by_the_next_run(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger)
        transport.answer(200, RELAPSED).answer(200, RELAPSED)
        run.fault = QueueUnavailable("503")
        assert run() == []
        assert ledger.states == [State.STARTED]
        run.fault = None
        assert run() == [Reason.QUARANTINED_AGAIN]

    def test_event_that_the_ledger_cannot_record_is_sent_again_unchanged(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger)
        transport.answer(200, RELAPSED)
        fail_when_told(run, ledger, LedgerUnavailable("503"))
        assert run() == [Reason.QUARANTINED_AGAIN]
        assert ledger.states == [State.STARTED]
        ledger.before = lambda _: None
        assert run() == [Reason.QUARANTINED_AGAIN]
        first, again = (told.to_json() for told in run.told)
        assert [first["data"].pop("graph"), again["data"].pop("graph")] == [[ANY], []]
        assert first == again
        assert ledger.states == [State.RELAPSED]
        assert "FateDue" not in ledger.entities[PRINCIPAL, JOB]

    def test_a_start_has_one_fate_although_the_job_was_started_again_before_that_was_noted(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger)
        transport.job("Active", lastExecution=SUCCEEDED)
        fail_when_told(run, ledger, LedgerUnavailable("503"))
        run()
        ledger.before = lambda _: None
        entry = ledger.get(JobReference(PRINCIPAL, None, JOB))
        assert entry is not None
        following = recent(request_id=OTHER_REQUEST, at=now(), before=parse_job(RELAPSED), reason=None)
        ledger.put(entry._replace(latest=following, earlier=(entry.latest,)))
        assert run() == [Reason.RUNNING_AGAIN]
        first, again = run.told
        assert first.event_id == again.event_id

    def test_two_starts_of_one_request_and_two_fates_of_one_start_have_ids_of_their_own(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        for latest in (recent(), recent(), recent(at=now())):
            ledger.etags.clear()
            add(ledger, latest)
            transport.job("Active", lastExecution=SUCCEEDED) if run.told else transport.answer(200, RELAPSED)
            run()
        assert len({event.event_id for event in run.told}) == 3

    def test_a_run_that_is_killed_has_told_what_it_had_read(
        self, run: Runs, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "READERS", 1)
        for index in range(5):
            add(ledger, job_id=f"job-{index}")
        told_at_each_read: list[int] = []

        def note(name: str) -> None:
            told_at_each_read.append(len(run.told))

        run.new_graph = lambda: _graph_of_recovered(note)
        run()
        assert told_at_each_read == [0, 1, 2, 3, 4]

    @pytest.mark.parametrize("is_gone", [False, True])
    def test_an_entry_that_was_changed_since_it_was_read_is_left_to_the_next_run(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport, *, is_gone: bool
    ) -> None:
        add(ledger)
        transport.answer(200, RELAPSED).answer(200, RELAPSED)

        def change(name: str) -> None:
            if name == "put":
                ledger.etags[PRINCIPAL, JOB] = "changed"
                if is_gone:
                    ledger.entities.clear()

        ledger.before = change
        assert run() == []
        ledger.before = lambda _: None
        assert run() == ([] if is_gone else [Reason.QUARANTINED_AGAIN])

    def test_an_entry_that_is_changed_while_its_fate_is_told_is_left_as_it_is(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger)
        transport.answer(200, RELAPSED)
        fail_when_told(run, ledger, JobBusy("412"))
        assert run() == [Reason.QUARANTINED_AGAIN]
        assert ledger.states == [State.STARTED]


class TestEnd:
    """What ends a run early, and what does not."""

    @pytest.mark.parametrize(
        "fault", [QueueUnavailable("503"), LedgerUnavailable("503"), TokenUnavailable("400")], ids=type
    )
    def test_a_run_stops_where_something_that_all_need_is_away(
        self, run: Runs, ledger: FakeLedger, fault: Exception, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "READERS", 1)
        for job_id in "abc":
            add(ledger, job_id=job_id)
        reads: list[str] = []

        def begin(name: str) -> None:
            reads.append(name)
            if isinstance(fault, TokenUnavailable):
                raise fault

        run.new_graph = lambda: _graph_of_recovered(begin)
        run.fault = fault
        assert run() == []
        assert reads == ["read"]

    def test_a_run_is_bounded_in_time(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "LONGEST_RUN", -1.0)
        add(ledger)
        assert run() == []
        assert transport.requests == []

    def test_a_job_whose_reads_are_throttled_until_the_run_ends_is_left_for_the_next_one(
        self, run: Runs, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        reads: list[str] = []

        def begin(name: str) -> None:
            reads.append(name)
            time.sleep(0.03)
            raise GraphUnavailable("read answered 429", throttled=True)

        add(ledger)
        run.new_graph = lambda: _graph_of_recovered(begin)
        with monkeypatch.context() as short:
            short.setattr(module, "LONGEST_RUN", 0.1)
            assert run() == []
        assert len(reads) > 1
        run.new_graph = lambda: _graph_of_recovered(lambda _: None)
        assert run() == [Reason.RUNNING_AGAIN]

    def test_a_run_that_is_late_tells_nothing_more(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "LAST_REPORT", -1.0)
        add(ledger)
        transport.answer(200, RELAPSED)
        assert run() == []
        assert ledger.states == [State.STARTED]

    @pytest.mark.parametrize("status", [500, 403])
    def test_a_job_that_cannot_be_read_holds_up_no_other(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport, status: int
    ) -> None:
        for job_id in "ab":
            add(ledger, job_id=job_id)
        transport.answer(status, graph_error("Authorization_RequestDenied"))
        transport.job("Active", lastExecution=SUCCEEDED)
        assert run() == [Reason.RUNNING_AGAIN]

    def test_a_bug_affects_only_its_own_job_and_is_raised(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        for job_id in "ab":
            add(ledger, job_id=job_id)
        transport.fail(ZeroDivisionError()).job("Active", lastExecution=SUCCEEDED)
        with pytest.raises(ZeroDivisionError):
            run()
        assert [event.ending.reason for event in run.told] == [Reason.RUNNING_AGAIN]


class TestLimits:
    """Graph's limits, and the pauses that it asks for."""

    def test_reads_are_paced(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "PACE", 1000.0)
        for job_id in "abc":
            add(ledger, job_id=job_id)
            transport.job("Active")
        run()
        assert sorted(round(wait, -3) for wait in run.waits) == [1000, 2000, 3000]

    def test_jobs_are_read_side_by_side(self, run: Runs, ledger: FakeLedger) -> None:
        for index in range(READERS):
            add(ledger, job_id=f"job-{index}")
        all_read = threading.Barrier(READERS, timeout=30)

        def begin(name: str) -> None:
            all_read.wait()

        run.new_graph = lambda: _graph_of_recovered(begin)
        assert len(run()) == READERS

    def test_a_pause_that_graph_asks_for_is_kept_and_the_job_is_read_after_it(
        self, ledger: FakeLedger, transport: ScriptedTransport, caplog: pytest.LogCaptureFixture
    ) -> None:
        add(ledger)
        transport.answer(429, graph_error("TooManyRequests"), Retry_After="10").job("Active", lastExecution=SUCCEEDED)
        clock = _Clock()
        run = Runs(ledger, _behind_gate(transport, clock))
        run.waits = clock  # type: ignore[assignment]
        assert run() == [Reason.RUNNING_AGAIN]
        assert 10 <= clock.slept < 12
        assert "follow_starts_stopped" not in caplog.text

    def test_an_outage_is_left_to_the_next_run(
        self, ledger: FakeLedger, transport: ScriptedTransport, caplog: pytest.LogCaptureFixture
    ) -> None:
        for job_id in "abc":
            add(ledger, job_id=job_id)
            transport.answer(503, graph_error("ServiceUnavailable"), Retry_After="600")
        clock = _Clock()
        run = Runs(ledger, _behind_gate(transport, clock))
        run.waits = clock  # type: ignore[assignment]
        assert run() == []
        assert clock.slept < 1
        assert "follow_starts_stopped" in caplog.text
        assert ledger.states == [State.STARTED] * 3


class TestGone:
    """A job that Graph does not know."""

    def test_it_is_gone_when_a_second_run_finds_it_gone(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger)
        for _ in range(2):
            transport.answer(404, graph_error("ResourceNotFound"))
        assert run() == []
        assert run() == [Reason.JOB_GONE]
        assert "404" in run.told[0].to_json()["data"]["recovery"]["error"]

    def test_it_is_not_gone_where_the_next_run_sees_it(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger)
        for _ in range(2):
            transport.answer(404, graph_error("ResourceNotFound")).job("Active")
        assert [run() for _ in range(4)] == [[]] * 4
        assert "MissingSince" not in ledger.entities[PRINCIPAL, JOB]

    def test_one_404_at_the_deadline_does_not_mean_gone(
        self, run: Runs, ledger: FakeLedger, transport: ScriptedTransport
    ) -> None:
        add(ledger, recent(follow_until=now()))
        transport.answer(404, graph_error("ResourceNotFound")).job("Active", lastExecution=SUCCEEDED)
        assert run() == []
        assert run() == [Reason.RUNNING_AGAIN]


@pytest.mark.parametrize("status", [403, 500])
def test_a_job_that_cannot_be_read_until_its_deadline_ends_unconfirmed(
    run: Runs, ledger: FakeLedger, transport: ScriptedTransport, status: int
) -> None:
    add(ledger, recent(follow_until=now()))
    transport.answer(status, graph_error("Why"))
    assert run() == [Reason.NO_SUCCESSFUL_RUN]
    data = run.told[0].to_json()["data"]
    assert [call["status"] for call in data["graph"]] == [status]
    assert str(status) in data["recovery"]["error"]


def test_a_start_that_another_followed_is_reported_without_a_read(
    run: Runs, ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    before = parse_job(RELAPSED)
    second = recent(request_id=OTHER_REQUEST, at=now(), before=before, fate=Reason.RUNNING_AGAIN, fate_seen_at=now())
    add(ledger, second, earlier=(recent(),))
    assert run() == [Reason.QUARANTINED_AGAIN]
    assert run.told[0].request_id == REQUEST_ID
    assert transport.requests == []
    assert run() == []


def test_a_start_that_was_called_off_before_another_one_has_no_fate(run: Runs, ledger: FakeLedger) -> None:
    before = parse_job(RELAPSED)
    last = recent(request_id=OTHER_REQUEST, at=now(), before=before, fate=Reason.RUNNING_AGAIN, fate_seen_at=now())
    called_off = recent(request_id=APP_ID, reason=None, code_after=None)
    add(ledger, last, earlier=(recent(), called_off))
    run()
    assert [event.request_id for event in run.told] == [REQUEST_ID]


def test_an_earlier_and_the_latest_start_are_told_together(
    run: Runs, ledger: FakeLedger, transport: ScriptedTransport
) -> None:
    second = recent(request_id=OTHER_REQUEST, at=now(), before=parse_job(RELAPSED))
    add(ledger, second, earlier=(recent(),))
    transport.job("Active", lastExecution=SUCCEEDED)
    assert run() == [Reason.QUARANTINED_AGAIN, Reason.RUNNING_AGAIN]
    assert run() == []


def test_a_start_that_another_follows_right_now_waits(run: Runs, ledger: FakeLedger) -> None:
    second = recent(request_id=OTHER_REQUEST, reason=None, code_after=None)
    add(ledger, second, earlier=(recent(),), lease=Lease("x", now() + timedelta(minutes=1)))
    assert run() == []


def test_entries_unchanged_for_90_days_are_removed(run: Runs, ledger: FakeLedger) -> None:
    for days in (89, 91):
        add(ledger, recent(reason=None, code_after=None), job_id=f"d{days}")
        ledger.touched[PRINCIPAL, f"d{days}"] = now() - timedelta(days=days)
    run()
    assert [key[1] for key in ledger.entities] == ["d89"]


def test_a_run_takes_a_fraction_of_what_its_reads_take_together(run: Runs, ledger: FakeLedger) -> None:
    """One after another, 3,000 jobs at 50 ms each took five runs (docs/performance.md has the figure)."""
    jobs, latency = 300, 0.05
    for index in range(jobs):
        add(ledger, job_id=f"job-{index}")
    run.waits = _RealTime()  # type: ignore[assignment]
    run.new_graph = lambda: _graph_of_recovered(lambda _: time.sleep(latency))
    began = time.monotonic()
    assert len(run()) == jobs
    assert time.monotonic() - began < jobs * latency / 2


def test_no_job_is_always_looked_at_first(run: Runs, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    """If every run ended at the same job, the jobs after it would never be looked at."""
    monkeypatch.setattr(module, "READERS", 1)
    for index in range(10):
        add(ledger, job_id=f"job-{index}")
    run.new_graph = lambda: _graph_of_recovered(lambda _: None)
    run.fault = QueueUnavailable("away")
    first: list[JobReference | None] = []
    tell = run._tell

    def note(event: StatusEvent) -> None:
        first.append(event.job)
        tell(event)

    monkeypatch.setattr(run, "_tell", note)
    for _ in range(30):
        assert run() == []
    assert len(first) == 30
    assert len({job.job_id for job in first if job is not None}) > 1


def test_log_lines_of_all_threads_belong_to_the_invocation(
    run: Runs, ledger: FakeLedger, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for index in range(3):
        add(ledger, job_id=f"job-{index}")
    joined: list[int] = []
    run.new_graph = lambda: _graph_of_recovered(lambda _: None)
    reporter = Reporter(ledger, run._tell, "local")
    follow_starts(ledger, run.new_graph, reporter, join=lambda: joined.append(threading.get_ident()))
    logged = {record.thread for record in caplog.records if "start_fate_known" in record.getMessage()}
    assert logged <= set(joined)
    assert len(joined) == 3


def _graph_of_recovered(begin: Callable[[str], None]) -> Graph:
    """A client of a Graph in which every job has recovered. `begin` is called before each read."""

    class Recovered(FakeGraph):
        def read(self, job: JobReference) -> SynchronizationJob:
            begin("read")
            parsed = parse_job(job_json("Active", lastExecution=SUCCEEDED))
            assert parsed is not None
            return parsed

    return Recovered()  # type: ignore[return-value]


class _Clock:
    """A clock that sleeping moves on. A run calls `append` with each of its waits."""

    def __init__(self) -> None:
        self.slept = 0.0
        self._began = time.time()

    def __call__(self) -> float:
        return self._began + self.slept

    def append(self, seconds: float) -> None:
        self.slept += seconds


class _RealTime:
    """Sleeps for the real time."""

    def append(self, seconds: float) -> None:
        time.sleep(seconds)


def _behind_gate(transport: ScriptedTransport, clock: _Clock) -> Callable[[], Graph]:
    """Makes clients behind the gate of a process."""
    settings = Settings()
    session = new_session(settings)
    session.mount("https://", transport)
    services = Services(clock=clock, longest_wait=0.0)
    return lambda: Graph(settings, session, transport.tokens, services.graph)
