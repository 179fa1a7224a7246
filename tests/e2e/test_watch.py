"""A quarantine without an alert: the watch finds it and requests one start, even if other senders report it too."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from local.cloud.job_form import graph_time
from shared.watching.episodes import episode_id
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id
from tests.examples import check_event

if TYPE_CHECKING:
    from local.client.jobs import SynchronizationJob
    from local.client.status_events import Event
    from local.parts.system import LocalSystem, Options

pytestmark = pytest.mark.functions_host

WATCHED = str(uuid.uuid4())
BY_APP_ID = str(uuid.uuid4())
APP_ID = str(uuid.uuid4())
UNKNOWN = str(uuid.uuid4())


@pytest.fixture(scope="module")
def options() -> Options:
    """The watch looks every second at two applications, one of them by application id, and at an id that does not
    exist.
    """
    ids = f"{WATCHED}, {APP_ID.upper()},{UNKNOWN}"
    return quick(settings={"WATCH": ids, "WATCH_SCHEDULE": "* * * * * *", "GIVE_UP_AFTER": "0.0015"})


@pytest.fixture(scope="module", autouse=True)
def _applications(system: LocalSystem) -> None:
    system.simulation.put_principal(WATCHED)
    system.simulation.put_principal(BY_APP_ID, app_id=APP_ID)


@pytest.fixture
def tenant(system: LocalSystem) -> Tenant:
    """The watched application."""
    return Tenant(system, WATCHED)


def by_watch(job: SynchronizationJob, principal: str = WATCHED) -> str:
    """The id of the request that the watch makes for a job's quarantine."""
    return episode_id(principal, job["id"], job["status"]["quarantine"]["seriesBegan"])


def runs(tenant: Tenant, count: int) -> None:
    """Wait for that many runs of the watch."""
    tenant.simulation.clear_calls()
    deadline = monotonic() + 60
    while len(own_calls(tenant)) < count:
        assert monotonic() < deadline
        sleep(0.1)


def own_calls(tenant: Tenant) -> list[str]:
    """The calls that list the watched application's jobs."""
    return [call["path"] for call in tenant.simulation.calls(f"/{WATCHED}/synchronization/jobs") if call.get("inBatch")]


def events_of(tenant: Tenant, job_id: str) -> list[Event]:
    """The remaining events of a job."""
    return [event for event in tenant.later_events() if event["data"].get("job", {}).get("jobId") == job_id]


def new_quarantine(job_id: str, reason: str = "EncounteredQuarantineException") -> SynchronizationJob:
    """A job whose quarantine begins now."""
    return jobs.quarantined(job_id, hours=0, reason=reason)


def unseen(tenant: Tenant) -> None:
    """Make the watch fail to list jobs from now on, so that it sees no new quarantine."""
    tenant.simulation.fault(path_ends_with=f"/{WATCHED}/synchronization/jobs", status=500, times=None)


def test_id_of_no_application_is_told_once(system: LocalSystem, tenant: Tenant) -> None:
    told = check_event(system.app.events.next(lambda event: event["data"]["reason"] == "not_found"))
    runs(tenant, 5)

    assert told["data"]["requestedBy"] == {"source": "watch"}
    assert UNKNOWN in told["data"]["message"]
    assert "the setting WATCH" in told["data"]["advice"]
    assert [event for event in tenant.later_events() if event["data"]["reason"] == "not_found"] == []


def test_quarantine_is_started_though_nothing_tells_of_it(tenant: Tenant) -> None:
    job = jobs.quarantined(new_job_id())
    job_id = tenant.put(job, afterStart="nothing")

    event = tenant.event(by_watch(job))
    runs(tenant, 4)

    assert ended_in(event) == "started/quarantine_cleared"
    assert event["data"]["requestedBy"]["source"] == "watch"
    assert job["status"]["quarantine"]["seriesBegan"] in event["data"]["requestedBy"]["summary"]
    assert events_of(tenant, job_id) == []
    assert tenant.effective_starts(job_id) == 0  # since the list of calls was cleared


def test_hold_is_reported_once_and_a_second_quarantine_is_requested_again(tenant: Tenant) -> None:
    job_id = new_job_id()
    job = jobs.quarantined(job_id, reason="TooManyDeletes")
    tenant.put(job)

    assert ended_in(tenant.event(by_watch(job))) == "held/too_many_deletes"
    runs(tenant, 4)
    # Graph imposes the same quarantine again, as it does after each retry.
    job["status"]["quarantine"]["currentBegan"] = graph_time(datetime.now(UTC))
    tenant.put(job)
    runs(tenant, 3)
    assert events_of(tenant, job_id) == []

    tenant.put(jobs.active(job_id))
    runs(tenant, 2)
    again = new_quarantine(job_id)
    tenant.put(again, afterStart="nothing")
    assert ended_in(tenant.event(by_watch(again))) == "started/quarantine_cleared"
    runs(tenant, 3)
    assert events_of(tenant, job_id) == []
    assert by_watch(job) != by_watch(again)


def test_each_relapse_is_asked_for_until_the_job_is_held(tenant: Tenant) -> None:
    job_id = new_job_id()
    for _ in range(3):
        job = new_quarantine(job_id)
        tenant.put(job, afterStart="nothing")
        assert ended_in(tenant.event(by_watch(job))) == "started/quarantine_cleared"

    job = new_quarantine(job_id)
    tenant.put(job)
    assert ended_in(tenant.event(by_watch(job))) == "held/relapsing"
    runs(tenant, 4)
    assert events_of(tenant, job_id) == []


@pytest.mark.parametrize("reason", ["EncounteredQuarantineException", "TooManyDeletes"])
def test_quarantine_that_an_alert_reported_is_not_reported_again(tenant: Tenant, reason: str) -> None:
    job = new_quarantine(new_job_id(), reason=reason)
    unseen(tenant)
    job_id = tenant.put(job, afterStart="nothing")
    first = tenant.event(tenant.ask(job_id, startWhen=["Quarantine"]))
    stale = reason == "EncounteredQuarantineException"
    if stale:
        # A stale replica of Graph does not know of the start yet.
        tenant.put(job)
    tenant.simulation.clear_faults()
    runs(tenant, 4)

    assert ended_in(first) == ("started/quarantine_cleared" if stale else "held/too_many_deletes")
    assert events_of(tenant, job_id) == []


def test_alert_after_the_watch_starts_nothing_twice(tenant: Tenant) -> None:
    job = new_quarantine(new_job_id())
    job_id = tenant.put(job, afterStart="nothing")
    first = tenant.event(by_watch(job))
    second = tenant.started(job_id, startWhen=["Quarantine"])
    runs(tenant, 2)

    assert (ended_in(first), second["data"]["outcome"]) == ("started/quarantine_cleared", "skipped")
    assert events_of(tenant, job_id) == []


def test_alert_and_watch_together_make_one_start(tenant: Tenant) -> None:
    for _ in range(5):
        job = new_quarantine(new_job_id())
        job_id = tenant.put(job, afterStart="nothing")
        asked = tenant.ask(job_id, startWhen=["Quarantine"])
        outcomes = [tenant.event(asked)["data"]["outcome"]]
        runs(tenant, 2)
        outcomes += [event["data"]["outcome"] for event in events_of(tenant, job_id)]
        assert sorted(outcomes) in (["started"], ["skipped", "started"])


def test_application_is_known_by_its_application_id_as_well(tenant: Tenant) -> None:
    job = new_quarantine(new_job_id())
    tenant.simulation.put_job(BY_APP_ID, job, afterStart="nothing")

    event = tenant.event(by_watch(job, BY_APP_ID))
    runs(tenant, 3)

    assert ended_in(event) == "started/quarantine_cleared"
    # The result of the first look is remembered.
    assert [call for call in tenant.simulation.calls("servicePrincipals(appId='") if APP_ID in call["path"]] == []
