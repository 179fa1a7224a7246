"""What Graph shows of a job before and after a start: a first cycle, late effects, stale reads, scripted reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.client import jobs
from local.cloud.job_form import NO_DATE
from tests.waiting import wait_for

if TYPE_CHECKING:
    from local.client.jobs import SynchronizationJob
    from local.client.simulation import Simulation
    from tests.local.cloud.caller import Caller

STATUS_OF_GRAPH = {
    "code",
    "countSuccessiveCompleteFailures",
    "escrowsPruned",
    "lastExecution",
    "lastSuccessfulExecution",
    "lastSuccessfulExecutionWithExports",
    "progress",
    "quarantine",
    "steadyStateFirstAchievedTime",
    "steadyStateLastAchievedTime",
    "synchronizedEntryCountByType",
    "troubleshootingUrl",
}

FIRST_STARTS = [jobs.created("job"), jobs.not_run("job"), jobs.quarantined("job", first_cycle=True)]


def start(caller: Caller) -> requests.Response:
    return caller.post(f"{caller.jobs}/job/start")


def starts(caller: Caller, simulation: Simulation) -> list[bool]:
    return [call["start"]["tookEffect"] for call in simulation.calls(f"{caller.principal}/synchronization/jobs/job/s")]


@pytest.mark.parametrize("job", FIRST_STARTS, ids=["created", "not run", "quarantined in its first cycle"])
def test_first_start_reads_not_run_with_its_schedule_on_until_its_cycle_ends(
    caller: Caller, simulation: Simulation, job: SynchronizationJob
) -> None:
    simulation.put_job(caller.principal, job, afterSeconds=0.5)

    answer = start(caller)
    first = caller.job("job")
    wait_for(lambda: caller.status("job")["code"] == "Active", seconds=30)

    assert answer.status_code == 204
    assert (first["status"]["code"], first["schedule"]["state"]) == ("NotRun", "Active")
    assert first["status"]["quarantine"] is None
    assert first["status"]["steadyStateFirstAchievedTime"] == NO_DATE
    status = caller.status("job")
    assert status["lastExecution"]["state"] == "Succeeded"
    assert status["lastExecution"]["countExported"] > 0
    assert status["steadyStateFirstAchievedTime"] == status["lastSuccessfulExecution"]["timeEnded"]
    assert status["synchronizedEntryCountByType"]


def test_last_run_of_a_first_cycle_is_a_failed_one_without_error_or_dates(
    caller: Caller, simulation: Simulation
) -> None:
    simulation.put_job(caller.principal, jobs.created("job"), afterStart="nothing")

    start(caller)

    ran = caller.status("job")["lastExecution"]
    assert (ran["state"], ran["timeBegan"], ran["timeEnded"]) == ("Failed", NO_DATE, NO_DATE)
    assert ran["error"] == {"code": "None", "message": "", "tenantActionable": False}


def test_job_in_its_first_cycle_continues_when_it_is_started(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.first_cycle("job"))

    answer = start(caller)

    assert answer.status_code == 204
    assert starts(caller, simulation) == [False]
    assert caller.status("job")["code"] == "NotRun"


@pytest.mark.parametrize("job", [jobs.paused("job"), jobs.quarantined("job")], ids=["paused", "quarantined"])
def test_job_that_had_a_cycle_reads_active_at_once(
    caller: Caller, simulation: Simulation, job: SynchronizationJob
) -> None:
    simulation.put_job(caller.principal, job)

    start(caller)

    assert caller.status("job")["code"] == "Active"
    assert caller.job("job")["schedule"]["state"] == "Active"


def test_first_cycle_may_end_in_quarantine(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.created("job"), afterStart="relapse", afterSeconds=0.1)

    start(caller)
    wait_for(lambda: caller.status("job")["code"] == "Quarantine", seconds=30)

    assert caller.status("job")["quarantine"]["reason"] == "EncounteredQuarantineException"


@pytest.mark.parametrize("job", [jobs.quarantined("job"), jobs.created("job")], ids=["a later cycle", "the first"])
def test_cycle_with_errors_in_entries_exports_but_is_not_a_success(
    caller: Caller, simulation: Simulation, job: SynchronizationJob
) -> None:
    success = job["status"]["lastSuccessfulExecution"]
    simulation.put_job(caller.principal, job, afterStart="entryErrors", afterSeconds=0.1)

    start(caller)
    wait_for(lambda: caller.status("job")["lastExecution"]["state"] == "EntryLevelErrors", seconds=30)

    status = caller.status("job")
    assert status["code"] == "Active"
    assert status["lastExecution"]["countExported"] > 0
    assert status["lastExecution"]["countEscrowed"] > 0
    assert status["lastSuccessfulExecution"] == success


def test_start_of_a_job_that_is_not_configured_is_refused(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.not_configured("job"))

    answer = start(caller)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")
    assert caller.status("job")["code"] == "NotConfigured"


def test_effects_show_after_the_delay_that_is_set_for_all_jobs(caller: Caller, simulation: Simulation) -> None:
    simulation.set_effects(0.5)
    try:
        simulation.put_job(caller.principal, jobs.paused("job"))
        simulation.put_job(caller.principal, jobs.paused("prompt"), shownAfterSeconds=0)

        start(caller)
        caller.post(f"{caller.jobs}/prompt/start")

        assert (caller.status("job")["code"], caller.status("prompt")["code"]) == ("Paused", "Active")
        wait_for(lambda: caller.status("job")["code"] == "Active", seconds=30)
    finally:
        simulation.set_effects(0)


def test_stale_reads_show_the_job_as_it_was_before_the_start(caller: Caller, simulation: Simulation) -> None:
    job = jobs.quarantined("job")
    simulation.put_job(caller.principal, job, staleReads=[2, 4])
    before = caller.status("job")["code"]

    start(caller)
    reads = [caller.status("job") for _ in range(5)]

    assert before == "Quarantine"
    assert [read["code"] for read in reads] == ["Active", "Quarantine", "Active", "Quarantine", "Active"]
    assert reads[1]["quarantine"] == job["status"]["quarantine"]


def test_reads_are_shown_in_turn_and_the_last_one_stays(caller: Caller, simulation: Simulation) -> None:
    reads = [jobs.quarantined("job"), jobs.active("job"), {"id": "job"}]
    simulation.put_reads(caller.principal, reads)

    single = caller.job("job")
    (listed,) = caller.get(caller.jobs).json()["value"]
    rest = [caller.job("job") for _ in range(2)]

    assert single["status"]["code"] == "Quarantine"
    assert listed["status"]["code"] == "Active"
    assert [sorted(each) for each in rest] == [["@odata.context", "id"]] * 2


def test_start_of_a_job_with_reads_has_an_effect_once_per_quarantine(caller: Caller, simulation: Simulation) -> None:
    first, later = jobs.quarantined("job", hours=9), jobs.quarantined("job", hours=1)
    simulation.put_reads(caller.principal, [first, first, jobs.active("job"), first, later])

    for _ in range(5):
        caller.job("job")
        start(caller)

    assert starts(caller, simulation) == [True, False, False, False, True]


def test_start_of_a_job_with_reads_has_an_effect_once_per_pause(caller: Caller, simulation: Simulation) -> None:
    paused, active = jobs.paused("job"), jobs.active("job")
    simulation.put_reads(caller.principal, [paused, paused, active, paused])

    for _ in range(4):
        caller.job("job")
        start(caller)

    assert starts(caller, simulation) == [True, False, False, True]


def test_what_a_job_does_not_say_is_filled_up_as_graph_shows_it(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, {"id": "job", "status": {"code": "Quarantine"}})
    simulation.put_job(caller.principal, {"id": "new", "status": {"code": "Paused"}, "schedule": {"interval": "PT2M"}})

    status, new = caller.status("job"), caller.job("new")

    assert set(status) == STATUS_OF_GRAPH
    assert (status["steadyStateFirstAchievedTime"], status["progress"]) == (NO_DATE, [])
    assert caller.job("job")["schedule"] == {"expiration": None, "interval": "PT40M", "state": "Active"}
    assert new["schedule"] == {"expiration": None, "interval": "PT2M", "state": "Disabled"}


def test_job_that_is_put_in_quarantine_again_is_in_a_new_one(caller: Caller, simulation: Simulation) -> None:
    began = []
    for _ in range(2):
        simulation.put_job(caller.principal, {"id": "job", "status": {"code": "Quarantine"}})
        began.append(caller.status("job")["quarantine"]["seriesBegan"])
    simulation.put_job(caller.principal, {"id": "job", "status": {"code": "Quarantine", "quarantine": None}})

    assert began[0] < began[1]
    assert caller.status("job")["quarantine"] is None


@pytest.mark.parametrize(
    "job",
    [
        pytest.param(jobs.quarantined("job"), id="quarantined"),
        pytest.param(jobs.paused("job", reason="TooManyDeletes"), id="paused"),
        pytest.param(jobs.created("job"), id="created"),
        pytest.param(jobs.not_configured("job"), id="not configured"),
        pytest.param(jobs.not_run("job"), id="not run"),
        pytest.param(jobs.first_cycle("job"), id="first cycle"),
        pytest.param(jobs.active("job", state="EntryLevelErrors", countExported=912), id="active"),
    ],
)
def test_every_job_has_all_that_graph_shows(job: SynchronizationJob) -> None:
    assert set(job) >= {"id", "templateId", "schedule", "status"}
    assert set(job["schedule"]) == {"expiration", "interval", "state"}
    assert set(job["status"]) == STATUS_OF_GRAPH


def test_cause_may_be_in_the_last_run_alone() -> None:
    status = jobs.quarantined("job", error_in_quarantine=False)["status"]

    assert "error" not in status["quarantine"]
    assert status["lastExecution"]["error"]["tenantActionable"] is True


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        pytest.param({"reads": [1]}, "_sim.reads must hold objects", id="read that is a number"),
        pytest.param({"staleReads": [0]}, "_sim.staleReads must hold whole numbers", id="stale read 0"),
        pytest.param({"staleReads": 2}, "_sim.staleReads must be a list", id="stale reads as a number"),
        pytest.param({"reads": [jobs.active("job")], "staleReads": [1]}, "reads and staleReads", id="both"),
    ],
)
def test_behaviour_that_is_not_understood_is_refused(
    caller: Caller, simulation: Simulation, behaviour: dict[str, Any], reason: str
) -> None:
    with pytest.raises(requests.HTTPError, match=reason):
        simulation.put_job(caller.principal, jobs.active("job"), **behaviour)


def test_invalid_schedule_is_refused(caller: Caller, simulation: Simulation) -> None:
    with pytest.raises(requests.HTTPError, match="schedule"):
        simulation.put_job(caller.principal, {**jobs.active("job"), "schedule": "on"})


def test_history_says_what_the_job_was_whatever_reads_showed(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.quarantined("told"), staleReads=[1], afterStart="nothing")

    caller.post(f"{caller.jobs}/told/start")
    shown = [caller.status("told")["code"] for _ in range(2)]

    assert shown == ["Quarantine", "Active"]
    history = simulation.history()["told"]
    assert [state["job"]["status"]["code"] for state in history] == ["Quarantine", "Active"]
    assert history[0]["since"] < history[1]["since"]
    reads = [call for call in simulation.calls("/told") if call["method"] == "GET"]
    assert [call.get("staleRead", False) for call in reads] == [True, False]


def test_history_continues_when_a_job_is_set_up_again(caller: Caller, simulation: Simulation) -> None:
    for job in (jobs.active("anew"), jobs.paused("anew")):
        simulation.put_job(caller.principal, job)

    assert [state["job"]["status"]["code"] for state in simulation.history()["anew"]] == ["Active", "Paused"]
