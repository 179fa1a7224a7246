"""The plan of a run with faults."""

from __future__ import annotations

from trials.chaos.deliveries import SECRETS
from trials.chaos.entries import EntryBreaks
from trials.chaos.faults import CallsFail, HostDies, ServiceIsAway, StorageRestarts, WorkerDies
from trials.chaos.plan import Plan, draw_plan
from trials.chaos.sendings import Way
from trials.chaos.tenant import Kind


def drawn(seed: int) -> tuple[object, ...]:
    """The parts of a plan without times that depend on now."""
    plan = draw_plan(seed, jobs=30, requests=300)
    return [(job.job_id, job.kind, job.behaviour) for job in plan.jobs], plan.sendings, plan.faults, plan.seconds


def plan() -> Plan:
    return draw_plan(7, jobs=30, requests=300)


def test_the_same_seed_gives_the_same_plan() -> None:
    assert drawn(7) == drawn(7)


def test_another_seed_gives_another_plan() -> None:
    assert drawn(7) != drawn(8)


def test_every_kind_of_job_is_there() -> None:
    assert {job.kind for job in plan().jobs} == set(Kind)


def test_requests_come_in_every_way_and_some_are_wrong() -> None:
    sendings = plan().sendings
    assert {sending.way for sending in sendings} == set(Way)
    assert {sending.is_valid for sending in sendings} == {True, False}


def test_some_requests_are_of_each_kind_that_must_not_start_or_may_in_spite_of_a_hold() -> None:
    asked = [request for sending in plan().sendings for request in sending.asks]
    for field in ("force", "dryRun", "startWhen"):
        assert any(field in request for request in asked)
    assert any("jobId" not in request for request in asked)


def test_deliveries_come_of_each_source_and_some_are_forged() -> None:
    deliveries = [sending for sending in plan().sendings if sending.way is Way.DELIVERY]
    assert {sending.source for sending in deliveries} == set(SECRETS)
    assert {sending.is_genuine for sending in deliveries} == {True, False}
    assert not any(sending.is_valid for sending in deliveries if not sending.is_genuine)


def test_some_applications_are_not_allowed() -> None:
    forbidden = [job.principal for job in plan().jobs if not job.principal.is_allowed]
    assert 0 < len(forbidden) < 30
    assert not plan().allowed & {id_ for principal in forbidden for id_ in (principal.object_id, principal.app_id)}


def test_a_service_is_away_for_longer_than_eight_tries_of_the_host() -> None:
    (away,) = (fault for fault in plan().faults if isinstance(fault, ServiceIsAway))
    assert away.seconds > plan().max_dequeue


def test_some_messages_come_more_than_once() -> None:
    contents = [sending.content for sending in plan().sendings if '"requestId"' in sending.content]
    assert len(set(contents)) < len(contents)


def test_storage_is_away_for_as_long_as_is_asked_for() -> None:
    faults = draw_plan(7, jobs=30, requests=300, outage=60).faults
    assert max(fault.down_seconds for fault in faults if isinstance(fault, StorageRestarts)) == 60


def test_calls_of_every_queue_fail() -> None:
    seeds = (draw_plan(seed, jobs=1, requests=300) for seed in range(20))
    failing = {
        fault.fault.get("path_contains") for plan in seeds for fault in plan.faults if isinstance(fault, CallsFail)
    }
    queues = ("start-requests", "start-status", "start-requests-poison")
    assert failing >= {f"/{queue}/messages" for queue in queues}


def test_every_part_fails_within_the_run() -> None:
    faults = plan().faults
    assert {type(fault) for fault in faults} >= {HostDies, WorkerDies, StorageRestarts, CallsFail, EntryBreaks}
    assert all(0 <= fault.at <= plan().seconds for fault in faults)
