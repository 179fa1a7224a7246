"""What the simulated Graph has besides jobs: all service principals, $batch, and a limit of writes."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.client import jobs
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.client.simulation import Simulation
    from local.parts.cloud_part import CloudPart
    from tests.local.cloud.caller import Caller


def test_the_whole_tenant_is_listed(simulation: Simulation) -> None:
    principal = str(uuid.uuid4())
    simulation.put_principal(principal, app_id=(app_id := str(uuid.uuid4())), display_name="Contoso HR")
    simulation.put_job(principal, jobs.paused("a"))
    simulation.put_job(principal, jobs.quarantined("b"), credentials={"status": 400, "code": "x"})

    (listed,) = [each for each in simulation.principals() if each["servicePrincipalId"] == principal]
    assert (listed["appId"], listed["displayName"]) == (app_id, "Contoso HR")
    shown = [(each["job"]["id"], each["job"]["status"]["code"], each["credentialsWork"]) for each in listed["jobs"]]
    assert shown == [("a", "Paused", True), ("b", "Quarantine", False)]


def test_faults_that_are_still_to_happen_are_listed(simulation: Simulation) -> None:
    simulation.fault(service="graph", method="get", path_ends_with="/start", times=None, status=503)
    assert simulation.faults() == [{"service": "graph", "method": "GET", "pathContains": "", "pathEndsWith": "/start"}]
    simulation.clear_faults()
    assert simulation.faults() == []


@pytest.fixture
def principals(part: CloudPart, simulation: Simulation) -> list[str]:
    """Add five principals."""
    ids = [str(uuid.uuid4()) for _ in range(5)]
    for number, principal in enumerate(ids):
        simulation.put_principal(principal, app_id=str(uuid.uuid4()), display_name=f"Application {number}")
    return ids


@pytest.fixture
def limit(simulation: Simulation) -> Iterator[Simulation]:
    yield simulation
    simulation.clear_write_limit()


def all_pages(caller: Caller, url: str | None) -> list[list[dict[str, Any]]]:
    pages = []
    while url:
        answer = caller.get(url).json()
        pages.append(answer["value"])
        url = answer.get("@odata.nextLink")
    return pages


def send_batch(caller: Caller, *parts: dict[str, Any]) -> requests.Response:
    headers = {**caller.headers, "Content-Type": "application/json"}
    return requests.post(
        f"{caller.part.graph}/v1.0/$batch", headers=headers, json={"requests": list(parts)}, timeout=30
    )


def test_principals_are_listed_in_pages_with_the_properties_that_were_selected(
    caller: Caller, principals: list[str]
) -> None:
    pages = all_pages(caller, f"{caller.part.graph}/v1.0/servicePrincipals?$select=id,appId,displayName&$top=2")

    found = {each["id"]: each for page in pages for each in page}
    assert all(len(page) <= 2 for page in pages)
    assert found.keys() >= set(principals)
    assert {tuple(each) for each in found.values()} == {("id", "appId", "displayName")}
    assert [found[each]["displayName"] for each in principals] == [f"Application {number}" for number in range(5)]


@pytest.mark.parametrize("query", ["$select=id,name", "$filter=accountEnabled eq true", "$top=0", "$skiptoken=x"])
def test_query_that_graph_or_the_simulation_does_not_know_is_refused(caller: Caller, query: str) -> None:
    answer = caller.get(f"{caller.part.graph}/v1.0/servicePrincipals?{query}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_name_of_one_principal_is_read(caller: Caller, principals: list[str]) -> None:
    url = f"{caller.part.graph}/v1.0/servicePrincipals/{principals[3]}"

    assert caller.get(f"{url}?$select=displayName").json()["displayName"] == "Application 3"
    assert caller.get(url).json()["servicePrincipalType"] == "Application"
    assert caller.get(f"{url}?$select=colour").status_code == 400


def test_batch_answers_each_part_with_a_status_of_its_own(caller: Caller, simulation: Simulation) -> None:
    simulation.put_job(caller.principal, jobs.paused("job"))
    jobs_path = f"/servicePrincipals/{caller.principal}/synchronization/jobs"

    answer = send_batch(
        caller,
        {"id": "list", "method": "GET", "url": jobs_path},
        {"id": "none", "method": "GET", "url": f"{jobs_path}/other"},
        {"id": "start", "method": "POST", "url": f"{jobs_path}/job/start"},
    )

    assert answer.status_code == 200
    parts = {part["id"]: part for part in answer.json()["responses"]}
    assert {name: part["status"] for name, part in parts.items()} == {"list": 200, "none": 404, "start": 204}
    assert parts["list"]["body"]["value"][0]["id"] == "job"
    assert parts["none"]["body"]["error"]["code"] == "ResourceNotFound"
    assert "body" not in parts["start"]
    assert caller.status("job")["code"] == "Active"


def test_faults_apply_to_the_parts_of_a_batch(caller: Caller, simulation: Simulation) -> None:
    paths = [f"/servicePrincipals/{uuid.uuid4()}/synchronization/jobs" for _ in range(4)]
    simulation.fault(path_ends_with=paths[0], status=429, headers={"Retry-After": "0.249"})
    simulation.fault(path_ends_with=paths[1], dropConnection="before")
    simulation.fault(path_ends_with=paths[2], status=502, body="<html>", headers={"Content-Type": "text/html"})
    simulation.fault(path_ends_with=paths[3], status=200, body="{...}", cutAfterBytes=3)

    answer = send_batch(caller, *({"id": str(n), "method": "GET", "url": path} for n, path in enumerate(paths)))

    parts = {part["id"]: part for part in answer.json()["responses"]}
    assert [parts[str(number)]["status"] for number in range(4)] == [429, 504, 502, 504]
    assert parts["0"]["headers"]["Retry-After"] == "0.249"
    assert isinstance(parts["2"]["body"], str)


def test_answers_of_a_batch_come_in_any_order_and_its_parts_are_marked_in_the_record(
    caller: Caller, simulation: Simulation
) -> None:
    ids = [str(number) for number in range(20)]
    url = f"/servicePrincipals/{caller.principal}"
    batches = [send_batch(caller, *({"id": each, "method": "GET", "url": url} for each in ids)) for _ in range(3)]

    orders = [[part["id"] for part in batch.json()["responses"]] for batch in batches]

    assert [sorted(order, key=int) for order in orders] == [ids] * 3
    # Three random orders of 20 parts are never all the original one.
    assert any(order != ids for order in orders)
    assert [call["inBatch"] for call in simulation.calls(caller.principal)] == [True] * 60


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([], id="empty"),
        pytest.param([{"id": str(number), "method": "GET", "url": "/x"} for number in range(21)], id="21 parts"),
        pytest.param([{"id": "1", "method": "GET", "url": "/x"}] * 2, id="an id twice"),
        pytest.param([{"id": "1", "method": "GET"}], id="no url"),
        pytest.param([{"id": "1", "method": "POST", "url": "/x", "body": {}}], id="body without its type"),
        pytest.param([{"id": "1", "method": "GET", "url": "/x", "dependsOn": ["2"]}], id="parts that depend"),
    ],
)
def test_invalid_batch_is_refused(caller: Caller, parts: list[dict[str, Any]]) -> None:
    answer = send_batch(caller, *parts)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadRequest")


def test_batch_needs_a_token_like_every_call(caller: Caller) -> None:
    caller.headers = {}

    assert send_batch(caller, {"id": "1", "method": "GET", "url": "/x"}).status_code == 401


def test_writes_beyond_the_limit_are_throttled_and_reads_are_not(caller: Caller, limit: Simulation) -> None:
    limit.put_job(caller.principal, jobs.active("job"))
    limit.set_write_limit(2, 3600, retry_after="30")

    starts = [caller.post(f"{caller.jobs}/job/start") for _ in range(3)]

    assert [start.status_code for start in starts] == [204, 204, 429]
    assert starts[2].headers["Retry-After"] == "30"
    assert "x-ms-throttle-scope" in starts[2].headers
    assert starts[2].json()["error"]["code"] == "TooManyRequests"
    assert caller.get(f"{caller.jobs}/job").status_code == 200
    limit.clear_write_limit()
    assert caller.post(f"{caller.jobs}/job/start").status_code == 204


def test_write_limit_names_the_wait_that_is_left_or_none(caller: Caller, limit: Simulation) -> None:
    limit.put_job(caller.principal, jobs.active("job"))
    waits = []
    for retry_after in ("remaining", None):
        limit.set_write_limit(1, 100, retry_after=retry_after)
        caller.post(f"{caller.jobs}/job/start")
        waits.append(caller.post(f"{caller.jobs}/job/start").headers.get("Retry-After"))

    assert 1 <= int(waits[0] or 0) <= 100
    assert waits[1] is None


def test_write_limit_applies_to_the_parts_of_a_batch(caller: Caller, limit: Simulation) -> None:
    limit.put_job(caller.principal, jobs.active("job"))
    limit.set_write_limit(3, 3600)
    url = f"/servicePrincipals/{caller.principal}/synchronization/jobs/job/start"

    answer = send_batch(caller, *({"id": str(number), "method": "POST", "url": url} for number in range(5)))

    assert sorted(part["status"] for part in answer.json()["responses"]) == [204, 204, 204, 429, 429]


def test_write_limit_lets_writes_in_again_when_its_window_has_passed(caller: Caller, limit: Simulation) -> None:
    limit.put_job(caller.principal, jobs.active("job"))
    limit.set_write_limit(1, 0.3, counts_refused=False)
    start = f"{caller.jobs}/job/start"
    caller.post(start)

    wait_for(lambda: caller.post(start).status_code == 204, seconds=30)


def test_token_may_expire_soon_and_have_a_date_as_text(caller: Caller, simulation: Simulation) -> None:
    simulation.set_identity(expires_on="11/25/2026 9:12:41 AM +00:00", lifetime_seconds=1)
    try:
        answer = caller.ask_for_token(caller.part.graph).json()
        headers = {"Authorization": f"Bearer {answer['access_token']}"}

        assert answer["expires_on"] == "11/25/2026 9:12:41 AM +00:00"
        wait_for(lambda: requests.get(caller.jobs, headers=headers, timeout=30).status_code == 401, seconds=30)
    finally:
        simulation.set_identity()
