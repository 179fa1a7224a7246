"""The simulated cloud as a process: the answers of Graph, the identity server and /_sim."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.client import jobs
from local.parts.cloud_part import CloudPart
from tests.waiting import wait_for

if TYPE_CHECKING:
    from pathlib import Path

    from local.client.simulation import Simulation
    from tests.local.cloud.caller import Caller


def test_identity_refuses_callers_without_its_header(caller: Caller) -> None:
    answer = caller.ask_for_token(caller.part.graph, **{"X-IDENTITY-HEADER": "guessed"})

    assert answer.status_code == 401
    assert "access_token" not in answer.text


def test_graph_takes_only_its_own_tokens(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.active("job"))
    valid = caller.headers["Authorization"]
    tokens = ["", "Bearer", "Bearer invented", f"Basic {valid}", f"Bearer {caller.token('https://vault.azure.net')}"]

    answers = [requests.get(caller.jobs, headers={"Authorization": each}, timeout=30) for each in tokens]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.json()["error"]["code"] for answer in answers} == {"InvalidAuthenticationToken"}
    assert caller.get(caller.jobs).status_code == 200
    simulation.revoke_tokens()
    assert caller.get(caller.jobs).status_code == 401


def test_error_has_graphs_form_and_names_the_call(caller: Caller) -> None:
    answer = requests.get(caller.jobs, headers={**caller.headers, "client-request-id": "mine"}, timeout=30)

    error = answer.json()["error"]
    assert answer.status_code == 404
    assert error["code"] == "Request_ResourceNotFound"
    assert error["innerError"]["request-id"] == answer.headers["request-id"]
    assert error["innerError"]["client-request-id"] == answer.headers["client-request-id"] == "mine"
    assert "Date" in answer.headers


def test_missing_permission_is_401_without_a_message(caller: Caller, simulation: Simulation) -> None:
    simulation.fault(status=401)

    answer = caller.get(caller.jobs)

    assert answer.status_code == 401
    assert (answer.json()["error"]["code"], answer.json()["error"]["message"]) == ("UnknownError", "")


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_list_has_pages_with_absolute_links(caller: Caller, simulation: Simulation, version: str) -> None:
    for number in range(5):
        simulation.put_job(caller.principal, jobs.active(f"job{number}"))
    found: list[str] = []
    url: str | None = f"{caller.jobs.replace('v1.0', version)}?$top=2"

    while url:
        page = caller.get(url).json()
        assert len(page["value"]) <= 2
        found += [job["id"] for job in page["value"]]
        url = page.get("@odata.nextLink")

    assert found == [f"job{number}" for number in range(5)]


def test_principal_is_found_by_app_id(caller: Caller, simulation: Simulation) -> None:
    app_id = str(uuid.uuid4())
    simulation.put_principal(caller.principal, app_id=app_id.upper())

    answer = caller.get(f"{caller.part.graph}/v1.0/servicePrincipals(appId='{app_id}')?$select=id")

    assert answer.json()["id"] == caller.principal
    assert "appId" not in answer.json()


def test_start_clears_a_quarantine_and_an_execution_succeeds_later(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.quarantined("job"), afterSeconds=0.1)

    answer = caller.post(f"{caller.jobs}/job/start")
    started = caller.status("job")
    wait_for(lambda: caller.status("job")["lastExecution"]["state"] == "Succeeded", seconds=30)

    assert (answer.status_code, answer.content) == (204, b"")
    assert (started["code"], started["quarantine"]) == ("Active", None)
    assert caller.status("job")["lastSuccessfulExecution"] == caller.status("job")["lastExecution"]


def test_job_that_relapses_begins_a_new_series(caller: Caller, simulation: Simulation) -> None:
    job = jobs.quarantined("job")
    simulation.put_job(caller.principal, job, afterStart="relapse", afterSeconds=0.1)

    caller.post(f"{caller.jobs}/job/start")
    wait_for(lambda: caller.status("job")["code"] == "Quarantine", seconds=30)

    quarantine = caller.status("job")["quarantine"]
    assert quarantine["seriesBegan"] > job["status"]["quarantine"]["seriesBegan"]
    assert quarantine["reason"] == "EncounteredQuarantineException"


def test_only_the_first_of_several_starts_takes_effect(caller: Caller, simulation: Simulation) -> None:
    job = jobs.quarantined("job")
    simulation.put_job(caller.principal, job, shownAfterSeconds=30)

    codes = [caller.post(f"{caller.jobs}/job/start").status_code for _ in range(2)]
    starts = [call["start"] for call in simulation.calls(f"{caller.principal}/synchronization/jobs/job/start")]

    assert codes == [204, 204]
    assert [start["tookEffect"] for start in starts] == [True, False]
    assert starts[0]["codeBefore"] == "Quarantine"
    assert starts[0]["seriesBeganBefore"] == job["status"]["quarantine"]["seriesBegan"]
    assert caller.status("job")["code"] == "Quarantine"


def test_credentials_are_judged_as_the_job_was_set_up(caller: Caller, simulation: Simulation) -> None:
    refusal = {"status": 400, "code": "InvalidCredentials", "message": "No."}
    simulation.put_job(caller.principal, jobs.active("good"))
    simulation.put_job(caller.principal, jobs.active("bad"), credentials=refusal)

    good, bad = (caller.post(f"{caller.jobs}/{job}/validateCredentials") for job in ("good", "bad"))

    assert good.status_code == 204
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, "InvalidCredentials")


def test_calls_are_recorded_without_the_token(caller: Caller, simulation: Simulation) -> None:
    caller.get(f"{caller.jobs}?$top=1")

    (call,) = simulation.calls(caller.principal)

    assert (call["method"], call["query"], call["status"]) == ("GET", "$top=1", 404)
    assert "authorization" not in {name.lower() for name in call["headers"]}
    assert all("x-identity-header" not in str(each).lower() for each in simulation.identity_calls())


def test_dropped_connection_gives_no_answer_before_or_after_the_work(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.paused("job"))
    codes = []
    for moment in ("before", "after"):
        simulation.fault(method="POST", dropConnection=moment)
        with pytest.raises(requests.ConnectionError):
            caller.post(f"{caller.jobs}/job/start")
        codes.append(caller.status("job")["code"])

    assert codes == ["Paused", "Active"]
    assert [call["status"] for call in simulation.calls(f"{caller.principal}/synchronization/jobs/job/start")] == [
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        pytest.param({"id": "job"}, "status.code", id="no status"),
        pytest.param({**jobs.active("job"), "_sim": {"afterStart": "fail"}}, "_sim.afterStart", id="unknown behaviour"),
        pytest.param({**jobs.active("job"), "_sim": {"after": 1}}, "no property after", id="unknown property"),
        pytest.param(
            {**jobs.active("job"), "_sim": {"credentials": {"status": 9}}},
            "_sim.credentials.status",
            id="status of no answer",
        ),
    ],
)
def test_value_that_is_not_a_job_is_refused(
    caller: Caller, simulation: Simulation, job: dict[str, Any], reason: str
) -> None:
    with pytest.raises(requests.HTTPError, match=reason):
        simulation.put_job(caller.principal, job)


def test_it_comes_back_under_the_same_addresses(tmp_path: Path) -> None:
    part = CloudPart(tmp_path / "log")
    part.start()
    addresses = (part.graph, part.identity)

    part.kill()
    assert not part.is_running
    part.start()

    try:
        assert (part.graph, part.identity) == addresses
    finally:
        part.stop()
