"""POST /api/start-requests: what is accepted, what is refused, and that no body is accepted in part."""

from __future__ import annotations

import gzip
import uuid
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.parts.system import LocalSystem

pytestmark = pytest.mark.functions_host

_JSON = {"Content-Type": "application/json"}


def test_one_request_is_accepted_with_its_id(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.paused(new_job_id()))
    request_id = str(uuid.uuid4())

    answer = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id, "requestId": request_id})

    assert answer.status_code == 202
    assert answer.json() == {
        "accepted": [{"requestId": request_id, "servicePrincipalId": tenant.principal, "jobId": job_id}]
    }
    assert ended_in(tenant.event(request_id)) == "started/resumed"


def test_every_item_of_an_array_ends_in_its_own_event(system: LocalSystem, tenant: Tenant) -> None:
    job_ids = [tenant.put(jobs.quarantined(new_job_id())) for _ in range(40)]

    request_ids = system.app.ask(*({"servicePrincipalId": tenant.principal, "jobId": each} for each in job_ids))
    events = [tenant.event(request_id) for request_id in request_ids]

    assert [event["data"]["job"]["jobId"] for event in events] == job_ids
    assert {ended_in(event) for event in events} == {"started/quarantine_cleared"}
    assert [tenant.effective_starts(job_id) for job_id in job_ids] == [1] * 40


def test_trace_context_and_requester_reach_the_event(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.active(new_job_id()))
    traceparent = f"00-{uuid.uuid4().hex}-00f067aa0ba902b7-01"
    requested_by = {"source": "contoso-desk", "reference": "INC-7", "summary": "Renewed the secret"}
    body = {"servicePrincipalId": tenant.principal, "jobId": job_id, "requestedBy": requested_by}

    answer = system.app.post(body, headers={"traceparent": traceparent})
    event = tenant.event(answer.json()["accepted"][0]["requestId"])

    assert event["traceparent"].split("-")[1] == traceparent.split("-")[1]
    assert event["data"]["requestedBy"] == requested_by


def test_one_invalid_item_refuses_all_and_names_every_fault(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    good = {"servicePrincipalId": tenant.principal, "jobId": job_id}
    bad = [{**good, "force": "yes", "startWhen": ["Active"]}, {"appId": "x", "restart": True}, 7]

    answer = system.app.post([good, *bad])

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    places = {fault["pointer"] for fault in answer.json()["errors"]}
    assert places == {"#/1/force", "#/1/startWhen", "#/2/appId", "#/2/restart", "#/3"}
    # If the other request had been accepted, it would have been processed before this one.
    assert ended_in(tenant.started(tenant.put(jobs.active(new_job_id())))) == "skipped/already_active"
    assert tenant.steps(job_id) == []
    assert system.app.events.read() == []


@pytest.mark.parametrize("route", ["start-requests", "start-requests/zendesk"])
def test_a_body_without_a_length_does_not_arrive_and_the_answer_says_so(system: LocalSystem, route: str) -> None:
    answer = system.app.post(iter([b"{}"]), route=route, headers=_JSON)

    assert answer.status_code == 411
    assert "Transfer-Encoding: chunked" in answer.json()["detail"]


def test_a_compressed_body_arrives_packed_and_the_answer_names_its_coding(system: LocalSystem) -> None:
    answer = system.app.post(gzip.compress(b"{}"), headers={**_JSON, "Content-Encoding": "gzip"})

    assert answer.status_code == 415
    assert "gzip" in answer.json()["detail"]


@pytest.mark.parametrize("key", ["", "wrong"])
def test_without_the_function_key_nothing_is_taken(system: LocalSystem, tenant: Tenant, key: str) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))

    answer = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id}, key=key)

    assert answer.status_code == 401
    assert ended_in(tenant.started(tenant.put(jobs.active(new_job_id())))) == "skipped/already_active"
    assert tenant.steps(job_id) == []
