"""How one request is processed: the calls to Graph, their order, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import requests

from shared.errors import GraphUnavailable
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.settings import Settings
from shared.starting.retry import RetryPolicy
from shared.starting.start_job import start_job
from tests.examples import APP_ID, JOB, PRINCIPAL, graph_error, job_json, start_request

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.graph.client import Graph
    from shared.starting.ending import Ending
    from tests.unit.fake_ledger import FakeLedger
    from tests.unit.scripted_transport import ScriptedTransport

READ, START = f"GET {JOB}", "POST start"
RUNNING_FIRST_CYCLE = job_json("NotRun")
"""The first cycle has begun and not ended: the schedule is on."""
DROPPED = requests.ConnectionError("Connection aborted.")


@pytest.fixture
def waits() -> list[float]:
    """The waits before each further attempt."""
    return []


@pytest.fixture
def run(graph: Graph, ledger: FakeLedger, waits: list[float]) -> Callable[..., Ending]:
    def run(settings: Settings | None = None, *, patience: float = 60.0, **request: Any) -> Ending:
        retry = RetryPolicy(patience=patience, sleep=waits.append)
        return start_job(
            start_request(**request), graph, settings or Settings(), ledger, message_id="message-1", retry=retry
        )

    return run


def test_quarantine_is_read_started_and_read_back(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job("Quarantine").answer(204).job("Active")
    ending = run()
    assert (ending.reason, ending.code_after) == (Reason.QUARANTINE_CLEARED, JobCode.ACTIVE)
    assert transport.asked == [READ, START, READ]


def test_paused_job_is_resumed(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job("Paused").answer(204).job("Active")
    assert run().reason is Reason.RESUMED


def test_active_job_is_never_started(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job("Active")
    assert run(force=True).reason is Reason.ALREADY_ACTIVE
    assert transport.asked == [READ]


def test_held_job_is_not_started(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job(quarantine={"reason": "TooManyDeletes"})
    assert run().reason is Reason.TOO_MANY_DELETES
    assert transport.asked == [READ]


def test_dry_run_does_all_but_the_start(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job()
    assert run(dry_run=True).reason is Reason.DRY_RUN
    assert transport.asked == [READ]


@pytest.mark.parametrize("after", ["Quarantine", "Paused", "NotRun"])
def test_start_that_does_not_show_yet_is_accepted(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float], after: str
) -> None:
    transport.job().answer(204)
    for _ in range(6):
        transport.answer(200, {**job_json(after), "schedule": {"state": "Disabled"}})
    ending = run()
    assert (ending.reason, ending.code_after) == (Reason.START_ACCEPTED, after)
    assert sum(waits) == 10


def test_effect_that_shows_late_is_seen(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float]
) -> None:
    transport.job().answer(204).job().job().job("Active")
    assert run().reason is Reason.QUARANTINE_CLEARED
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize("before", ["Quarantine", "Paused"])
def test_job_whose_first_cycle_runs_is_started(
    run: Callable[..., Ending], transport: ScriptedTransport, before: str
) -> None:
    transport.job(before).answer(204).answer(200, RUNNING_FIRST_CYCLE)
    ending = run()
    assert (ending.reason, ending.code_after) == (Reason.FIRST_CYCLE_RUNNING, JobCode.NOT_RUN)
    transport.answer(200, RUNNING_FIRST_CYCLE)
    again = run(request_id="11111111-1111-4111-8111-111111111111", force=True)
    assert again.reason is Reason.ALREADY_ACTIVE
    assert transport.asked.count(START) == 1


@pytest.mark.parametrize("lost", [DROPPED, 504])
def test_first_start_whose_answer_was_lost_took_effect(
    run: Callable[..., Ending], transport: ScriptedTransport, lost: requests.ConnectionError | int
) -> None:
    transport.job("Paused")
    _ = transport.answer(lost) if isinstance(lost, int) else transport.fail(lost)
    transport.answer(200, RUNNING_FIRST_CYCLE)
    assert run().reason is Reason.FIRST_CYCLE_RUNNING
    assert transport.asked.count(START) == 1


@pytest.mark.parametrize("lost", [True, False])
def test_failed_read_back_undoes_nothing(
    run: Callable[..., Ending], transport: ScriptedTransport, *, lost: bool
) -> None:
    transport.job().answer(204)
    for _ in range(6):
        _ = transport.fail(DROPPED) if lost else transport.answer(404, graph_error("NotFound"))
    ending = run()
    assert (ending.reason, ending.code_after) == (Reason.START_ACCEPTED, None)
    assert transport.asked.count(START) == 1


def test_throttling_without_retry_after_is_waited_out_with_growing_pauses(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float]
) -> None:
    transport.answer(429).answer(503).job().answer(204).job("Active")
    assert run().reason is Reason.QUARANTINE_CLEARED
    assert 0.5 <= waits[0] <= 0.75
    assert 1.0 <= waits[1] <= 1.5


def test_retry_after_is_honoured_and_the_job_read_again(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float]
) -> None:
    transport.job().answer(429, Retry_After="2").job().answer(204).job("Active")
    assert run().reason is Reason.QUARANTINE_CLEARED
    assert waits == [2.0]
    assert transport.asked == [READ, START, READ, START, READ]


def test_long_retry_after_is_left_to_the_queue(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float]
) -> None:
    transport.answer(429, Retry_After="120")
    with pytest.raises(GraphUnavailable):
        run()
    assert waits == []


def test_graph_that_stays_down_is_left_to_the_queue(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float]
) -> None:
    for _ in range(4):
        transport.fail(DROPPED)
    with pytest.raises(GraphUnavailable):
        run()
    assert len(waits) == 3


def test_slow_graph_is_not_tried_again_in_the_same_invocation(
    run: Callable[..., Ending], transport: ScriptedTransport, waits: list[float]
) -> None:
    transport.fail(DROPPED)
    with pytest.raises(GraphUnavailable):
        run(patience=-1.0)
    assert waits == []


def test_start_whose_answer_was_lost_is_recognised(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job("Quarantine").fail(DROPPED).job("Active")
    ending = run()
    assert (ending.reason, ending.code_after) == (Reason.QUARANTINE_CLEARED, JobCode.ACTIVE)
    assert ending.before is not None
    assert ending.before.code is JobCode.QUARANTINE
    assert transport.asked == [READ, START, READ]


def test_start_that_was_lost_on_the_way_is_sent_again(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.job("Paused").fail(DROPPED).job("Paused").answer(204).job("Active")
    assert run(Settings(second_start_after=timedelta())).reason is Reason.RESUMED
    assert transport.asked.count(START) == 2
    transport.job("Active")


def test_start_that_graph_turned_away_is_not_taken_for_ours(
    run: Callable[..., Ending], transport: ScriptedTransport
) -> None:
    transport.job("Quarantine").answer(429).job("Active")
    assert run(request_id="11111111-1111-4111-8111-111111111111").reason is Reason.ALREADY_ACTIVE


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (404, "NotFound", Reason.NOT_FOUND),
        (403, "Authentication_RequestFromNonPremiumTenantOrB2CTenant", Reason.LICENSE_MISSING),
        (400, "BadRequest", Reason.BAD_REQUEST),
    ],
)
def test_refusal_is_the_end(
    run: Callable[..., Ending], transport: ScriptedTransport, status: int, code: str, reason: Reason
) -> None:
    transport.answer(status, graph_error(code, "why"))
    ending = run()
    assert (ending.reason, ending.operation, ending.error) == (reason, "read", f"{status} {code} why")


def test_one_403_is_retried_before_a_permission_counts_as_missing(
    run: Callable[..., Ending], transport: ScriptedTransport
) -> None:
    denied = graph_error("Authorization_RequestDenied", "why")
    transport.answer(403, denied).job("Active")
    assert run().reason is Reason.ALREADY_ACTIVE
    transport.answer(403, denied).answer(403, denied)
    assert run().reason is Reason.PERMISSION_MISSING


def test_application_id_is_resolved_first(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.answer(200, {"id": PRINCIPAL}).job("Active")
    ending = run(job=JobReference(app_id=APP_ID, job_id=JOB))
    assert ending.job == JobReference(PRINCIPAL, APP_ID, JOB)
    assert f"servicePrincipals/{PRINCIPAL}/" in str(transport.requests[1].url)


def test_application_id_is_resolved_once(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.answer(200, {"id": PRINCIPAL}).answer(503).job("Active")
    run(job=JobReference(app_id=APP_ID, job_id=JOB))
    assert len(transport.requests) == 3


def test_request_without_job_becomes_one_for_each_startable_job(
    run: Callable[..., Ending], transport: ScriptedTransport
) -> None:
    transport.answer(
        200,
        {
            "value": [
                job_json("Active", job_id="a"),
                job_json("Paused", job_id="p"),
                {**job_json("NotRun", job_id="n"), "schedule": None},
                {**job_json("Paused", job_id="new"), "schedule": {"state": "Disabled"}},
                job_json(job_id="q", quarantine={"reason": "TooManyDeletes"}),
            ]
        },
    )
    ending = run(job=JobReference(PRINCIPAL))
    assert ending.reason is Reason.JOBS_QUEUED
    assert [request.job.job_id for request in ending.queued] == ["p", "q"]
    assert [(job.job_id, job.why) for job in ending.left] == [
        ("a", "running"),
        ("n", "not_startable"),
        ("new", "never_enabled"),
    ]
    assert transport.asked == ["GET jobs"]


def test_what_a_message_was_turned_into_stays_when_it_is_delivered_again(
    run: Callable[..., Ending], transport: ScriptedTransport, graph: Graph, ledger: FakeLedger
) -> None:
    jobs = [job_json(job_id="p"), job_json("Active", job_id="a")]
    transport.answer(200, {"value": jobs})
    first = run(job=JobReference(PRINCIPAL))
    assert run(job=JobReference(PRINCIPAL)) == first

    transport.answer(200, {"value": [job_json("Active", job_id="p"), job_json(job_id="a")]})
    request = start_request(job=JobReference(PRINCIPAL))
    later = start_job(request, graph, Settings(), ledger, message_id="another message")
    assert [request.job.job_id for request in later.queued] == ["a"]


def test_only_the_states_asked_for_are_queued(run: Callable[..., Ending], transport: ScriptedTransport) -> None:
    transport.answer(200, {"value": [job_json("Paused", job_id="p"), job_json(job_id="q")]})
    ending = run(job=JobReference(PRINCIPAL), start_when=frozenset({JobCode.PAUSED}))
    assert [request.job.job_id for request in ending.queued] == ["p"]


@pytest.mark.parametrize("codes", [(), ("Active", "NotRun")])
def test_principal_without_startable_job(
    run: Callable[..., Ending], transport: ScriptedTransport, codes: tuple[str, ...]
) -> None:
    transport.answer(200, {"value": [job_json(code) for code in codes]})
    ending = run(job=JobReference(PRINCIPAL))
    assert (ending.reason, tuple(job.code for job in ending.left)) == (Reason.NOTHING_TO_START, codes)


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(JobReference(PRINCIPAL, None, JOB), id="job"),
        pytest.param(JobReference(app_id=APP_ID), id="app id"),
    ],
)
def test_outside_the_allow_list_graph_is_never_called(
    run: Callable[..., Ending], transport: ScriptedTransport, job: JobReference
) -> None:
    settings = Settings(allowed_service_principals=frozenset({"00000000-0000-0000-0000-000000000000"}))
    assert run(settings, job=job).reason is Reason.NOT_ALLOWED
    assert transport.requests == []


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(JobReference(PRINCIPAL, None, JOB), id="object id"),
        pytest.param(JobReference(app_id=APP_ID, job_id=JOB), id="app id"),
    ],
)
def test_ids_on_the_allow_list_go_on(
    run: Callable[..., Ending], transport: ScriptedTransport, job: JobReference
) -> None:
    if job.app_id:
        transport.answer(200, {"id": PRINCIPAL})
    transport.job("Active")
    settings = Settings(allowed_service_principals=frozenset({PRINCIPAL, APP_ID}))
    assert run(settings, job=job).reason is Reason.ALREADY_ACTIVE
