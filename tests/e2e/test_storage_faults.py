"""Temporary faults of storage: the job is started once, and its event is sent."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.parts.system import LocalSystem, Options

pytestmark = pytest.mark.functions_host


@pytest.fixture(scope="module")
def options() -> Options:
    """Calls to tables and queues go through the simulated cloud."""
    return quick(storage_through_cloud=True)


def test_event_that_the_queue_refuses_comes_later_and_nothing_is_started_twice(
    system: LocalSystem, tenant: Tenant
) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    events = "/start-status/messages"
    system.simulation.answers(
        [{"status": 503, "repeat": 4}],
        service="queues",
        method="POST",
        path_ends_with=events,
    )

    event = tenant.started(job_id)

    refused = [call for call in system.simulation.queue_calls(events) if call["status"] == 503]
    assert len(refused) == 4
    assert ended_in(event) == "started/quarantine_cleared"
    assert tenant.effective_starts(job_id) == 1
    assert tenant.later_events() == []


def test_nothing_is_started_while_the_ledger_refuses_and_it_is_once_it_takes_the_app(
    system: LocalSystem, tenant: Tenant
) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    system.simulation.answers([{"status": 403, "repeat": 3}], service="tables")

    event = tenant.started(job_id)

    assert ended_in(event) == "started/quarantine_cleared"
    refused = [call["time"] for call in system.simulation.table_calls() if call["status"] == 403]
    (start,) = system.simulation.calls(f"/jobs/{job_id}/start")
    assert len(refused) == 3
    assert max(refused) < start["time"]
    assert tenant.effective_starts(job_id) == 1


_OUTPUTS = [
    pytest.param("/start-status/messages", id="the event fails"),
    pytest.param("/start-requests/messages", id="the jobs' own requests fail"),
]


@pytest.mark.parametrize("output", _OUTPUTS)
def test_parent_tells_what_it_asked_for_when_one_of_its_outputs_fails(
    system: LocalSystem, tenant: Tenant, output: str
) -> None:
    job_ids = sorted(tenant.put(jobs.quarantined(new_job_id())) for _ in range(2))
    # As many as the attempts of one write, so that the invocation fails after it has written the other output.
    system.simulation.answers([{"status": 503, "repeat": 4}], service="queues", method="POST", path_ends_with=output)
    request_id = str(uuid.uuid4())
    system.app.put_message(json.dumps({"requestId": request_id, "servicePrincipalId": tenant.principal}))

    parent = tenant.event(request_id)
    # Whatever happened to the jobs meanwhile.
    children = [tenant.event(each["requestId"]) for each in parent["data"]["queued"]]
    told = {event["id"] for event in (parent, *children)}
    others = [event for event in tenant.later_events() if event["id"] not in told]

    assert ended_in(parent) == "expanded/jobs_queued"
    assert sorted(event["data"]["job"]["jobId"] for event in children) == job_ids
    assert {ended_in(event) for event in children} == {"started/quarantine_cleared"}
    assert [tenant.effective_starts(job_id) for job_id in job_ids] == [1, 1]
    assert others == [], "a repeated event has the same id"
