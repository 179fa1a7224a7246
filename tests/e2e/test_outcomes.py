"""What becomes of a job in each state, and what Graph was asked for it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.client.jobs import SynchronizationJob
    from local.parts.system import LocalSystem


def test_job_in_quarantine_is_read_started_and_read_back(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))

    event = tenant.started(job_id)

    assert ended_in(event) == "started/quarantine_cleared"
    assert tenant.steps(job_id) == ["read", "start", "read"]
    assert event["data"]["job"]["codeBefore"] == "Quarantine"
    assert event["data"]["job"]["codeAfter"] == "Active"
    assert event["data"]["job"]["quarantine"]["reason"] == "EncounteredQuarantineException"


def test_paused_job_is_resumed(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.paused(new_job_id()))

    event = tenant.started(job_id)

    assert ended_in(event) == "started/resumed"
    assert "quarantine" not in event["data"]["job"]
    assert tenant.steps(job_id) == ["read", "start", "read"]


def test_active_job_is_read_and_never_started(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.active(new_job_id()))

    event = tenant.started(job_id, force=True)

    assert ended_in(event) == "skipped/already_active"
    assert tenant.steps(job_id) == ["read"]


@pytest.mark.parametrize(
    ("job", "end"),
    [
        (jobs.quarantined("", reason="TooManyDeletes"), "held/too_many_deletes"),
        (jobs.quarantined("", reason="QuarantineOnDemand"), "held/quarantined_on_demand"),
        (jobs.paused("", escrows_pruned=True), "held/escrows_pruned"),
        (jobs.not_run(""), "skipped/not_startable"),
    ],
)
def test_job_that_should_not_be_started_is_left_alone(tenant: Tenant, job: SynchronizationJob, end: str) -> None:
    job_id = tenant.put({**job, "id": new_job_id()})

    event = tenant.started(job_id)

    assert ended_in(event) == end
    assert event["data"]["advice"]
    assert tenant.steps(job_id) == ["read"]


def test_force_overrides_a_hold(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id(), reason="TooManyDeletes"))

    assert ended_in(tenant.started(job_id, force=True)) == "started/quarantine_cleared"


def test_dry_run_does_all_but_the_start(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))

    event = tenant.started(job_id, dryRun=True)

    assert ended_in(event) == "skipped/dry_run"
    assert tenant.steps(job_id) == ["read"]


def test_state_that_was_not_asked_for_is_skipped(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.paused(new_job_id()))

    assert ended_in(tenant.started(job_id, startWhen=["Quarantine"])) == "skipped/state_not_requested"


def test_start_whose_effect_does_not_show_yet_is_reported_as_accepted(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()), shownAfterSeconds=30)

    event = tenant.started(job_id)

    assert ended_in(event) == "started/start_accepted"
    assert event["data"]["job"]["codeAfter"] == "Quarantine"


def test_unknown_principal_and_unknown_job_are_not_found(tenant: Tenant) -> None:
    known = tenant.put(jobs.active(new_job_id()))

    wrong_job = tenant.started(new_job_id())
    wrong_principal = tenant.started(known, servicePrincipalId=str(uuid.uuid4()))

    assert [ended_in(wrong_job), ended_in(wrong_principal)] == ["failed/not_found"] * 2
    assert "object id" in wrong_principal["data"]["advice"]


def test_app_id_is_resolved_to_the_object_id_first(system: LocalSystem, tenant: Tenant) -> None:
    app_id = str(uuid.uuid4())
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.put_principal(tenant.principal, app_id=app_id)

    (request_id,) = system.app.ask({"appId": app_id, "jobId": job_id})
    event = tenant.event(request_id)

    assert ended_in(event) == "started/quarantine_cleared"
    assert event["subject"] == f"servicePrincipals/{tenant.principal}/synchronization/jobs/{job_id}"
    assert [call["operation"] for call in event["data"]["graph"]] == ["resolve", "read", "start", "read"]


def test_request_without_job_id_becomes_one_request_a_startable_job(tenant: Tenant) -> None:
    startable = [
        tenant.put(jobs.quarantined(new_job_id())),
        tenant.put(jobs.paused(new_job_id())),
        tenant.put(jobs.quarantined(new_job_id(), reason="TooManyDeletes")),
    ]
    others = [tenant.put(jobs.active(new_job_id())), tenant.put(jobs.not_run(new_job_id()))]

    event = tenant.event(tenant.ask(None))
    queued = {entry["jobId"]: entry["requestId"] for entry in event["data"]["queued"]}
    ends = [ended_in(tenant.event(queued[job_id])) for job_id in startable]

    assert ended_in(event) == "expanded/jobs_queued"
    assert set(queued) == set(startable)
    assert ends == ["started/quarantine_cleared", "started/resumed", "held/too_many_deletes"]
    assert [tenant.steps(job_id) for job_id in others] == [[], []]


def test_jobs_on_every_page_of_the_list_are_found(tenant: Tenant) -> None:
    job_ids = {tenant.put(jobs.paused(new_job_id())) for _ in range(5)}
    tenant.simulation.set_page_size(2)
    try:
        event = tenant.event(tenant.ask(None))
    finally:
        tenant.simulation.set_page_size(100)

    assert {entry["jobId"] for entry in event["data"]["queued"]} == job_ids
    assert [call["operation"] for call in event["data"]["graph"]] == ["list"] * 3


def test_principal_without_a_startable_job_has_nothing_to_start(tenant: Tenant) -> None:
    tenant.put(jobs.active(new_job_id()))

    assert ended_in(tenant.event(tenant.ask(None))) == "skipped/nothing_to_start"
