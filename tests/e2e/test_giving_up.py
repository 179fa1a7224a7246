"""A request that cannot be done within GIVE_UP_AFTER ends in an event with the request in it. Others are done."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id
from tests.examples import SCHEMAS

if TYPE_CHECKING:
    from local.parts.system import LocalSystem, Options

pytestmark = pytest.mark.functions_host


@pytest.fixture(scope="module")
def options() -> Options:
    """The host gives up after two attempts, but a request that waits does not count as one."""
    return quick(max_dequeue=2)


@pytest.fixture(autouse=True)
def graph_answers(tenant: Tenant) -> None:
    """Remove the faults of other tests."""
    tenant.simulation.clear_faults()
    tenant.started(tenant.put(jobs.active(new_job_id())))


def test_graph_that_stays_down_is_given_up_with_the_request_in_the_event(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.fault(path_ends_with=f"/jobs/{job_id}", times=None, status=503)

    request_id = tenant.ask(job_id, requestedBy={"source": "test", "reference": "INC-7"})
    event = tenant.event(request_id)

    assert ended_in(event) == "failed/gave_up"
    SCHEMAS["start-request"].validate(event["data"]["request"])
    assert event["data"]["request"]["requestId"] == request_id
    assert event["data"]["request"]["jobId"] == job_id
    assert event["data"]["requestedBy"]["reference"] == "INC-7"
    assert "read answered 503" in event["data"]["message"]
    assert event["data"]["graph"][-1]["status"] == 503
    assert event["data"]["waited"]["tries"] >= 2
    assert tenant.later_events() == []


@pytest.mark.parametrize("form", ["path", "JSON without requestId", "array of one"])
def test_message_without_an_id_is_given_up_under_the_id_of_its_first_delivery(
    system: LocalSystem, tenant: Tenant, form: str
) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.fault(path_ends_with=f"/jobs/{job_id}", times=None, status=503)
    job = {"servicePrincipalId": tenant.principal, "jobId": job_id}
    path = f"servicePrincipals/{tenant.principal}/synchronization/jobs/{job_id}"
    content = {"path": path, "JSON without requestId": json.dumps(job), "array of one": json.dumps([job])}[form]

    (request_id,) = system.app.put_message(content)
    event = tenant.event(request_id)

    # The message in the poison queue is a copy with an id of its own.
    assert (ended_in(event), event["data"]["requestId"]) == ("failed/gave_up", request_id)
    assert tenant.later_events() == []


def test_request_is_worked_on_once_what_it_needs_is_back(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.fault(path_ends_with=f"/jobs/{job_id}", times=6, status=503)

    assert ended_in(tenant.started(job_id)) == "started/quarantine_cleared"


def test_request_survives_a_restart_of_every_part(system: LocalSystem, tenant: Tenant) -> None:
    system.hosts[0].stop()
    job_id = new_job_id()
    (request_id,) = system.app.put_message(f"servicePrincipals/{tenant.principal}/synchronization/jobs/{job_id}")
    system.azurite.restart()
    system.cloud.restart()
    tenant.put(jobs.quarantined(job_id))
    system.hosts[0].start()

    assert ended_in(tenant.event(request_id)) == "started/quarantine_cleared"


def test_graph_that_cannot_be_reached_is_given_up(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.started(tenant.put(jobs.active(new_job_id())))
    system.cloud.kill()
    try:
        event = tenant.started(job_id)
    finally:
        system.cloud.start()

    assert ended_in(event) == "failed/gave_up"
