"""Recorded cases, replayed on the simulated cloud."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest

from local.client import jobs
from local.client.case import play_outage, play_reads

if TYPE_CHECKING:
    from local.client.simulation import Simulation
    from tests.local.cloud.caller import Caller

THROTTLED = {"status": 429, "headers": {"Retry-After": ["30", "120"]}, "body": {"error": {"code": "TooManyRequests"}}}
NO_ANSWER: dict[str, Any] = {"status": None, "headers": {}, "body": None, "delaySeconds": 100, "fault": "timeout"}


def good(job: dict[str, Any]) -> dict[str, Any]:
    return {"status": 200, "headers": {"Content-Type": "application/json"}, "body": job}


def test_last_answer_that_is_good_is_the_services_own(caller: Caller, simulation: Simulation) -> None:
    job = jobs.quarantined(f"scim.{uuid.uuid4()}")
    case = {"service": "graph", "request": "GET job", "answers": [{**THROTTLED, "repeat": 2}, good(job)]}

    job_id = play_outage(simulation, case, principal=caller.principal)
    url = f"{caller.jobs}/{job_id}"
    reads = [caller.get(url) for _ in range(3)]
    caller.post(f"{url}/start")

    assert [read.status_code for read in reads] == [429, 429, 200]
    assert reads[0].headers["Retry-After"] == "30, 120"
    assert reads[2].json()["status"]["code"] == "Quarantine"
    assert caller.status(job["id"])["code"] == "Active"


def test_last_answer_that_is_not_good_stays(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.paused("job"))
    case = {"service": "graph", "request": "POST start", "answers": [{"status": 403, "headers": {}, "body": ""}]}

    play_outage(simulation, case, principal=caller.principal, job_id="job")

    assert {caller.post(f"{caller.jobs}/job/start").status_code for _ in range(5)} == {403}
    assert caller.get(f"{caller.jobs}/job").status_code == 200


def test_identity_that_does_not_answer_does_it_in_scaled_time(caller: Caller, simulation: Simulation) -> None:
    case = {"service": "identity", "request": "token", "answers": [NO_ANSWER, good({"access_token": "made-up"})]}

    play_outage(simulation, case, principal=caller.principal, time_scale=0.001)

    with pytest.raises(OSError, match="Connection aborted"):
        caller.ask_for_token(caller.part.graph)
    assert caller.token(caller.part.graph) != "made-up"


def test_table_and_queue_are_named_as_in_the_case(caller: Caller, simulation: Simulation) -> None:
    missing = {"status": 404, "headers": {}, "body": {"odata.error": {"code": "ResourceNotFound"}}}
    refused = {"status": 403, "headers": {}, "body": None}
    table = {"service": "table", "request": "GET entity", "answers": [refused, missing]}
    queue = {"service": "queue", "request": "POST message (start-status)", "answers": [refused]}

    play_outage(simulation, table, principal=caller.principal)
    play_outage(simulation, queue, principal=caller.principal)

    assert caller.get(f"{caller.part.tables}/account/Ledger(PartitionKey='a',RowKey='b')").status_code == 403
    assert caller.post(f"{caller.part.queues}/account/start-status/messages").status_code == 403


def test_reads_of_a_case_are_shown_in_turn(caller: Caller, simulation: Simulation) -> None:
    job_id = play_reads(simulation, caller.principal, {"reads": [jobs.created("job"), jobs.first_cycle("job")]})

    assert [caller.status(job_id)["code"] for _ in range(3)] == ["Paused", "NotRun", "NotRun"]


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        pytest.param({"service": "blob", "answers": []}, "'blob'", id="unknown service"),
        pytest.param(
            {"service": "graph", "request": "GET job", "answers": [THROTTLED]}, "needs a job_id", id="no job shown"
        ),
        pytest.param(
            {"service": "graph", "answers": [{**NO_ANSWER, "fault": "hiccup"}]}, "reset or timeout", id="unknown fault"
        ),
        pytest.param({"service": "graph", "answers": [{**THROTTLED, "retry": 1}]}, "no retry", id="unknown property"),
    ],
)
def test_invalid_case_is_refused(caller: Caller, simulation: Simulation, case: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        play_outage(simulation, case, principal=caller.principal)
