"""Names of applications: each is read once and kept, and a failure never stops an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from shared.errors import AppError, GraphRefused, GraphUnavailable, LedgerUnavailable
from shared.event.application_names import QUIET, ApplicationNames
from shared.event.status_event import StatusEvent
from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.starting.ending import Ending
from tests.examples import JOB, PRINCIPAL, REQUEST_ID, WHEN, check_event, job_json

NAME = "Contoso ServiceNow (production)"


@dataclass
class Kept:
    names: dict[str, str] = field(default_factory=dict)
    error: AppError | None = None

    def application_name(self, principal: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.names.get(principal)

    def keep_application_name(self, principal: str, name: str) -> None:
        self.names[principal] = name


@dataclass
class Graph:
    answer: str | AppError | None = NAME
    asked: int = 0

    def read(self, _principal: str) -> str | None:
        self.asked += 1
        if isinstance(self.answer, AppError):
            raise self.answer
        return self.answer


def event(reason: Reason = Reason.QUARANTINE_CLEARED, job: JobReference | None = None) -> StatusEvent:
    before = parse_job(job_json())
    return StatusEvent(
        site_name="contoso-start",
        request_id=REQUEST_ID,
        requested_by=RequestedBy("http"),
        requested_at=WHEN,
        began_at=WHEN,
        finished_at=WHEN + timedelta(seconds=1),
        ending=Ending(reason=reason, before=before, code_after=JobCode.ACTIVE),
        job=job or JobReference(PRINCIPAL, None, JOB),
    )


def test_a_name_is_read_once_and_begins_the_sentence() -> None:
    graph, kept = Graph(), Kept()
    names = ApplicationNames(graph.read, lambda: kept)
    for _ in range(3):
        (named,) = names.named([event()])
        told = check_event(named.to_json())["data"]
        assert told["job"]["appDisplayName"] == NAME
        assert told["message"].startswith(f"start-job-function says: {NAME}: the job was in quarantine (")
        assert told["message"].endswith(f"The app started it, and it is Active again. (Job {JOB}.)")
    assert (graph.asked, kept.names) == (1, {PRINCIPAL: NAME})


def test_another_process_takes_the_name_from_the_ledger() -> None:
    graph, kept = Graph(), Kept({PRINCIPAL: "Kept"})
    (named,) = ApplicationNames(graph.read, lambda: kept).named([event()])
    assert (named.application, graph.asked) == ("Kept", 0)


def test_the_same_event_has_the_same_id_with_and_without_the_name() -> None:
    (named,) = ApplicationNames(Graph().read, Kept).named([event()])
    assert named.event_id == event().event_id == named.to_json()["id"]


@pytest.mark.parametrize(
    "error",
    [
        GraphRefused(Reason.PERMISSION_MISSING, operation="name", status=403, code="x", detail=""),
        GraphUnavailable("name answered 503"),
    ],
)
def test_a_graph_that_does_not_tell_is_not_asked_for_an_hour(error: AppError) -> None:
    now = [0.0]
    graph, kept = Graph(error), Kept()
    names = ApplicationNames(graph.read, lambda: kept, lambda: now[0])
    for _ in range(3):
        assert names.named([event()]) == [event()]
    assert graph.asked == 1
    now[0], graph.answer = QUIET + 1, NAME
    assert names.named([event()])[0].application == NAME


def test_a_ledger_that_is_away_changes_nothing() -> None:
    names = ApplicationNames(Graph().read, lambda: Kept(error=LedgerUnavailable("the ledger's table gave no answer")))
    assert names.named([event()]) == [event()]


def test_an_event_without_a_principal_makes_no_call() -> None:
    graph = Graph()
    without = event(job=JobReference(None, "c3a1b1de-7d2f-4f0f-8a77-1f9a6a0f2b22", None))
    assert ApplicationNames(graph.read, Kept).named([without]) == [without]
    assert graph.asked == 0


@pytest.mark.parametrize("name", [None, "", " \n "])
def test_an_empty_name_is_none(name: str | None) -> None:
    assert ApplicationNames(Graph(name).read, Kept).named([event()]) == [event()]


def test_a_name_is_one_line_in_which_nothing_hides() -> None:
    (named,) = ApplicationNames(Graph("Contoso\n\u202eRH" + "x" * 300).read, Kept).named([event()])
    assert named.application is not None
    assert named.application.startswith("Contoso \\u202eRHxxx")
    assert len(named.application) == 120


def test_an_application_that_graph_shows_without_a_name_is_asked_for_again() -> None:
    graph, kept = Graph(None), Kept()
    names = ApplicationNames(graph.read, lambda: kept)
    assert names.named([event()]) == [event()]
    assert kept.names == {}
    graph.answer = NAME
    assert names.named([event()])[0].application == NAME


def test_an_application_that_is_gone_keeps_no_other_from_its_name() -> None:
    gone = GraphRefused(Reason.NOT_FOUND, operation="name", status=404, code="Request_ResourceNotFound", detail="")
    graph = Graph(gone)
    names = ApplicationNames(graph.read, Kept)
    assert names.named([event()]) == [event()]
    graph.answer = NAME
    other = event(job=JobReference(REQUEST_ID, None, JOB))
    assert names.named([other])[0].application == NAME
