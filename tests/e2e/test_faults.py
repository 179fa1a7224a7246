"""Temporary faults of Graph: each request ends in one event, and each job is started once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from local.client import jobs
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.parts.system import LocalSystem, Options

pytestmark = pytest.mark.functions_host


@pytest.fixture(scope="module")
def options() -> Options:
    """With the smallest possible time-out for Graph's answers."""
    return quick(settings={"GRAPH_TIMEOUT": "1"})


def test_token_that_is_no_longer_valid_is_replaced(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.started(tenant.put(jobs.active(new_job_id())))
    tenant.simulation.revoke_tokens()

    event = tenant.started(job_id)

    assert ended_in(event) == "started/quarantine_cleared"
    assert [call["status"] for call in event["data"]["graph"]] == [401, 200, 204, 200]


@pytest.mark.parametrize(
    ("fault", "steps"),
    [
        ({"status": 429}, ["read", "start", "read", "start", "read"]),
        ({"status": 503, "headers": {"Retry-After": "2"}}, ["read", "start", "read", "start", "read"]),
        ({"status": 409}, ["read", "start", "read", "start", "read"]),
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, ["read", "start", "read", "start", "read"]),
        ({"dropConnection": "before"}, ["read", "start", "read", "start", "read"]),
        ({"dropConnection": "after"}, ["read", "start", "read"]),
        # Answered too late: the start takes effect while the app tries again.
        ({"delaySeconds": 1.2}, ["read", "start", "read"]),
    ],
    ids=["429", "503 with Retry-After", "409", "502 in HTML", "dropped before", "dropped after", "too late"],
)
def test_fault_of_the_start_ends_in_one_event_and_one_start(
    tenant: Tenant, fault: dict[str, Any], steps: list[str]
) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.fault(method="POST", path_ends_with=f"/jobs/{job_id}/start", **fault)

    event = tenant.started(job_id)

    assert ended_in(event) == "started/quarantine_cleared"
    assert tenant.later_events() == []
    assert tenant.effective_starts(job_id) == 1
    assert tenant.steps(job_id) == steps


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"status": 500}, id="500"),
        pytest.param({"dropConnection": "before"}, id="dropped before the work"),
        pytest.param({"status": 200, "body": "no JSON"}, id="no JSON"),
        pytest.param({"delaySeconds": 1.2}, id="too slow"),
    ],
)
def test_fault_of_the_read_is_tried_again(tenant: Tenant, fault: dict[str, Any]) -> None:
    job_id = tenant.put(jobs.paused(new_job_id()))
    tenant.simulation.fault(method="GET", path_ends_with=f"/jobs/{job_id}", **fault)

    event = tenant.started(job_id)

    assert ended_in(event) == "started/resumed"
    assert tenant.steps(job_id) == ["read", "read", "start", "read"]


def test_fault_of_the_read_back_takes_nothing_back(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.paused(new_job_id()))
    # A fault that is only a short delay applies to the first read, so that the next fault applies to the second.
    tenant.simulation.fault(method="GET", path_ends_with=f"/jobs/{job_id}", delaySeconds=0.01)
    tenant.simulation.fault(method="GET", path_ends_with=f"/jobs/{job_id}", times=6, status=500)

    event = tenant.started(job_id)

    assert ended_in(event) == "started/start_accepted"
    assert "codeAfter" not in event["data"]["job"]
    assert tenant.later_events() == []


def test_redelivered_request_starts_nothing_twice(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    path = f"/jobs/{job_id}/start"
    # The start is done, but its answer is lost. Then Graph asks for a longer wait than a thread allows.
    tenant.simulation.fault(method="POST", path_ends_with=path, dropConnection="after")
    tenant.simulation.fault(method="GET", path_ends_with=f"/jobs/{job_id}", delaySeconds=0.01)
    tenant.simulation.fault(method="GET", path_ends_with=f"/jobs/{job_id}", status=503, headers={"Retry-After": "6"})

    event = tenant.started(job_id)

    # The second delivery finds the job Active. This test does not depend on whether the app knows that it started it.
    assert ended_in(event) in {"started/quarantine_cleared", "skipped/already_active"}
    assert tenant.later_events() == []
    assert tenant.effective_starts(job_id) == 1


def test_missing_permission_takes_one_fresh_token_and_one_more_try(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.started(tenant.put(jobs.active(new_job_id())))
    tokens = len(system.simulation.identity_calls())
    tenant.simulation.fault(path_ends_with=f"/jobs/{job_id}", times=None, status=401)

    event = tenant.started(job_id)
    calls = tenant.simulation.calls(f"/jobs/{job_id}")

    assert ended_in(event) == "failed/permission_missing"
    assert "Synchronization.ReadWrite.All" in event["data"]["advice"]
    assert [(call["method"], call["status"]) for call in calls[:2]] == [("GET", 401)] * 2
    assert len(system.simulation.identity_calls()) - tokens <= 1, "a token is replaced once a minute at most"


def test_refused_start_is_reported_and_not_repeated(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.fault(method="POST", path_ends_with=f"/jobs/{job_id}/start", times=None, status=403)

    event = tenant.started(job_id)

    assert ended_in(event) == "failed/permission_missing"
    assert tenant.steps(job_id)[:4] == ["read", "start", "read", "start"]
