"""The outcome for a job in each state, and the calls to Graph for it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.parts.system import LocalSystem

pytestmark = pytest.mark.functions_host


def test_job_in_quarantine_is_read_started_and_read_back(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))

    event = tenant.started(job_id)

    assert ended_in(event) == "started/quarantine_cleared"
    assert tenant.steps(job_id) == ["read", "start", "read"]
    assert event["data"]["job"]["codeBefore"] == "Quarantine"
    assert event["data"]["job"]["codeAfter"] == "Active"
    assert event["data"]["job"]["quarantine"]["reason"] == "EncounteredQuarantineException"


def test_active_job_is_read_and_never_started(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.active(new_job_id()))

    event = tenant.started(job_id, force=True)

    assert ended_in(event) == "skipped/already_active"
    assert tenant.steps(job_id) == ["read"]


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
