"""Jobs as Graph really shows them: first cycles, holds behind a pause, causes, stale reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from local.client import jobs
from local.cloud.job_form import graph_time
from shared.outcome import Outcome
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.client.status_events import Event
    from local.parts.system import Options

REFUSED = {"code": "TargetRefused", "message": "The target answered 401.", "tenantActionable": True}


@pytest.fixture(scope="module")
def options() -> Options:
    """The app looks at started jobs every second."""
    return quick(settings={"RECOVERY_SCHEDULE": "* * * * * *", "GRAPH_TIMEOUT": "2", "GIVE_UP_AFTER": "0.02"})


def fate(tenant: Tenant, request_id: str) -> Event:
    """The event that says whether the start helped."""
    return tenant.event(request_id)


@pytest.mark.parametrize(
    "job", [jobs.created, lambda job_id: jobs.quarantined(job_id, first_cycle=True)], ids=["new", "q"]
)
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(None, id="answered"),
        pytest.param({"dropConnection": "after"}, id="answer lost"),
        pytest.param({"answerAfterSeconds": 2.2}, id="answered too late"),
    ],
)
def test_first_cycle_counts_as_running(tenant: Tenant, job: Any, fault: dict[str, Any] | None) -> None:
    job_id = tenant.put(job(new_job_id()), afterStart="nothing")
    if fault is not None:
        tenant.simulation.fault(method="POST", path_ends_with=f"/jobs/{job_id}/start", **fault)

    event, again = tenant.started(job_id), tenant.started(job_id, force=True)

    assert ended_in(event) == "started/first_cycle_running"
    assert event["data"]["job"]["codeAfter"] == "NotRun"
    assert ended_in(again) == "skipped/already_active"
    assert "first cycle" in again["data"]["message"]
    assert tenant.effective_starts(job_id) == 1
    assert len(tenant.simulation.calls(f"/jobs/{job_id}/start")) == 1


def test_job_that_was_never_enabled_is_left_by_a_request_for_all_jobs(tenant: Tenant) -> None:
    new = tenant.put(jobs.created(new_job_id()))
    alone = tenant.event(tenant.ask(None))
    stopped = tenant.put(jobs.quarantined(new_job_id()))
    both = tenant.event(tenant.ask(None))

    assert ended_in(alone) == "skipped/nothing_to_start"
    assert alone["data"]["left"] == [{"jobId": new, "code": "Paused", "reason": "never_enabled"}]
    assert "jobId" in alone["data"]["advice"]
    assert [entry["jobId"] for entry in both["data"]["queued"]] == [stopped]
    assert [entry["jobId"] for entry in both["data"]["left"]] == [new]
    assert tenant.effective_starts(new) == 0


@pytest.mark.parametrize("reason", ["TooManyDeletes", "QuarantinedOnDemand", "QuarantineOnDemand"])
@pytest.mark.parametrize("by_id", [True, False], ids=["one job", "all jobs"])
def test_holds_apply_to_a_job_that_was_paused_in_quarantine(tenant: Tenant, reason: str, *, by_id: bool) -> None:
    job_id = tenant.put(jobs.paused(new_job_id(), reason=reason))
    if by_id:
        event = tenant.started(job_id)
    else:
        (queued,) = tenant.event(tenant.ask(None))["data"]["queued"]
        event = tenant.event(queued["requestId"])

    assert event["data"]["outcome"] == Outcome.HELD
    assert tenant.steps(job_id) == ["read"]
    assert ended_in(tenant.started(job_id, force=True)) == "started/resumed"


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(lambda job_id: jobs.paused(job_id, error=REFUSED), id="paused"),
        pytest.param(lambda job_id: jobs.quarantined(job_id, error=REFUSED), id="in the quarantine"),
        pytest.param(
            lambda job_id: jobs.quarantined(job_id, error=REFUSED, error_in_quarantine=False),
            id="in the last run alone",
        ),
    ],
)
def test_cause_is_named(tenant: Tenant, job: Any) -> None:
    event = tenant.started(tenant.put(job(new_job_id())))
    assert event["data"]["outcome"] == Outcome.STARTED
    assert "TargetRefused: The target answered 401" in event["data"]["message"]


def test_error_of_the_service_is_for_microsoft_to_fix(tenant: Tenant) -> None:
    error = {"code": "InternalServerError", "message": "The service met a fault of its own.", "tenantActionable": False}
    event = tenant.started(tenant.put(jobs.quarantined(new_job_id(), error=error)))
    assert ended_in(event) == "started/quarantine_cleared"
    assert "Microsoft" in event["data"]["advice"]
    assert event["data"]["job"]["quarantine"]["error"]["tenantActionable"] is False


def test_schedule_that_was_off_is_told(tenant: Tenant) -> None:
    event = tenant.started(tenant.put(jobs.quarantined(new_job_id(), hours=900, schedule="Disabled")))
    assert ended_in(event) == "started/quarantine_cleared"
    assert "with its schedule off" in event["data"]["message"]
    assert event["data"]["job"]["schedule"]["state"] == "Disabled"


def test_job_that_runs_with_errors_in_entries_has_recovered(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()), afterStart="entryErrors")
    request_id = tenant.ask(job_id)
    assert ended_in(tenant.event(request_id)) == "started/quarantine_cleared"
    told = fate(tenant, request_id)
    assert ended_in(told) == "recovered/running_with_errors"
    assert "had errors" in told["data"]["message"]


def test_stale_read_of_the_old_quarantine_is_not_a_relapse(tenant: Tenant) -> None:
    job_id = new_job_id()
    old = jobs.quarantined(job_id)
    soon = datetime.now(UTC) + timedelta(minutes=1)
    running = jobs.active(job_id)
    recovered = jobs.active(job_id)
    recovered["status"]["lastSuccessfulExecution"]["timeBegan"] = graph_time(soon)
    tenant.put(old, reads=[old, running, old, old, running, recovered])

    request_id = tenant.ask(job_id)
    assert ended_in(tenant.event(request_id)) == "started/quarantine_cleared"
    assert ended_in(fate(tenant, request_id)) == "recovered/running_again"


def test_same_request_in_a_later_quarantine_is_a_new_task(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()), afterStart="nothing")
    request_id = tenant.ask(job_id)
    first = tenant.event(request_id)
    tenant.ask(job_id, requestId=request_id)
    assert tenant.event(request_id)["id"] == first["id"]

    tenant.put(jobs.quarantined(job_id, hours=-0.1), afterStart="nothing")
    tenant.ask(job_id, requestId=request_id)
    again = tenant.event(request_id)
    if again["data"]["outcome"] == "relapsed":  # the timer may look before the request
        again = tenant.event(request_id)
    assert ended_in(again) == "started/quarantine_cleared"
    assert again["id"] != first["id"]
    assert tenant.effective_starts(job_id) == 2


def test_pause_after_the_job_was_seen_running_is_a_new_one(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.paused(new_job_id()), afterStart="nothing")
    assert ended_in(tenant.started(job_id)) == "started/resumed"
    tenant.put(jobs.paused(job_id), afterStart="nothing")
    assert ended_in(tenant.started(job_id)) == "started/resumed"


def test_job_without_credentials_is_not_started(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.not_configured(new_job_id()))
    assert ended_in(tenant.started(job_id, force=True)) == "skipped/not_startable"
    assert tenant.steps(job_id) == ["read"]
