"""The status of a request, read at its signed address as Logic Apps does."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from local.client import jobs
from local.parts.environment import REPOSITORY
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id
from tests.examples import check_event

if TYPE_CHECKING:
    from pathlib import Path

    from local.parts.system import LocalSystem, Options

STATUS = {"STATUS_TABLE": "StartStatus", "STATUS_KEY": "a secret of at least thirty-two characters"}


@pytest.fixture(scope="module")
def options() -> Options:
    return quick(settings=STATUS, storage_through_cloud=True)


def get(url: str, **headers: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers=headers, timeout=30, allow_redirects=False)


def followed(answer: requests.Response) -> requests.Response:
    """Follow Location as Logic Apps does, without a key, while the answer is 202. Returns the last answer."""
    deadline = time.monotonic() + 60
    while answer.status_code == 202:
        assert time.monotonic() < deadline
        assert int(answer.headers["Retry-After"]) > 0
        time.sleep(0.1)  # shorter than Retry-After says, to save time
        answer = get(answer.headers["Location"])
    return answer


def listed(system: LocalSystem, **query: Any) -> dict[str, Any]:
    with requests.Session() as session:
        session.trust_env = False
        answer = session.get(
            f"{system.functions}/api/start-requests",
            params=query,
            headers={"x-functions-key": system.function_key},
            timeout=30,
        )
    answer.raise_for_status()
    value: dict[str, Any] = answer.json()
    return value


def test_a_poller_without_a_key_gets_the_final_event(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))

    first = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id})
    end = followed(first)

    (accepted,) = first.json()["accepted"]
    assert (first.status_code, end.status_code) == (202, 200)
    assert accepted["status"] == first.headers["Location"]
    told = end.json()
    assert (told["status"], told["outcome"], told["reason"]) == ("ended", "started", "quarantine_cleared")
    assert told["requestId"] == accepted["requestId"]
    (event,) = map(check_event, told["events"])
    assert event == tenant.event(accepted["requestId"])


def test_each_request_has_an_address_and_a_request_for_all_jobs_links_to_its_parts(
    system: LocalSystem, tenant: Tenant
) -> None:
    tenant.put(jobs.quarantined(new_job_id()))
    tenant.put(jobs.paused(new_job_id()))
    other = Tenant(system, str(uuid.uuid4()))
    job_id = other.put(jobs.active(new_job_id()))

    answer = system.app.post(
        [{"servicePrincipalId": tenant.principal}, {"servicePrincipalId": other.principal, "jobId": job_id}]
    )
    assert "Location" not in answer.headers
    expanded, skipped = (_followed_at(item["status"]) for item in answer.json()["accepted"])
    children = [_followed_at(item["status"]) for item in expanded["queued"]]

    assert (expanded["outcome"], skipped["reason"]) == ("expanded", "already_active")
    assert {child["outcome"] for child in children} == {"started"}
    assert len(children) == 2


def _followed_at(url: str) -> dict[str, Any]:
    told: dict[str, Any] = followed(get(url)).json()
    return told


def test_while_a_request_waits_it_is_202_with_what_happened_so_far(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    system.simulation.fault(path_contains=job_id, status=503, times=None)
    first = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id})

    pending = get(first.headers["Location"])

    assert pending.status_code == 202
    assert pending.headers["Location"] == first.headers["Location"]
    assert pending.json()["status"] == "underWay"
    system.simulation.clear_faults()
    assert followed(pending).json()["outcome"] in {"started", "failed"}


def test_a_changed_a_foreign_and_an_expired_address_are_refused_alike(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.active(new_job_id()))
    location = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id}).headers["Location"]
    parts = urlsplit(location)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    own_id = parts.path.rsplit("/", 1)[1]

    def at(request_id: str = own_id, **changes: str) -> requests.Response:
        text = "&".join(f"{name}={value}" for name, value in {**query, **changes}.items() if value)
        return get(f"{system.functions}/api/start-requests/{request_id}?{text}")

    assert at().status_code in (200, 202)
    refused = [
        at(str(uuid.uuid4())),
        at(issued=str(int(query["issued"]) - 1)),
        at(issued="1000000000"),
        at(signature="A" * 43),
        at(signature=""),
        at(issued=""),
        at(issued="x"),
        at("x" * 500),
    ]
    assert {answer.status_code for answer in refused} == {404}
    assert len({answer.text for answer in refused}) == 1


def test_many_questions_cost_no_call_of_graph(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    first = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id})
    followed(first)
    system.simulation.clear_calls()

    with requests.Session() as session:
        session.trust_env = False
        answers = {session.get(first.headers["Location"], timeout=30).status_code for _ in range(300)}

    assert answers == {200}
    assert system.simulation.calls() == []


def test_an_application_lists_its_last_requests_newest_first_a_page_at_a_time(
    system: LocalSystem, tenant: Tenant
) -> None:
    request_ids = []
    for _ in range(5):
        answer = system.app.post(
            {"servicePrincipalId": tenant.principal, "jobId": tenant.put(jobs.active(new_job_id()))}
        )
        followed(answer)
        request_ids.append(answer.json()["accepted"][0]["requestId"])

    first = listed(system, servicePrincipal=tenant.principal, top=3)
    second = get(first["nextLink"], **{"x-functions-key": system.function_key}).json()

    assert [item["requestId"] for item in first["value"] + second["value"]] == request_ids[::-1]
    assert "nextLink" not in second
    assert get(f"{system.functions}/api/start-requests?servicePrincipal={tenant.principal}").status_code == 401


@pytest.mark.parametrize(
    "query", [{}, {"servicePrincipal": "x"}, {"top": "0"}, {"top": "101"}, {"top": "1.5"}, {"after": "x"}]
)
def test_a_wrong_question_is_a_problem(system: LocalSystem, tenant: Tenant, query: dict[str, str]) -> None:
    with pytest.raises(requests.HTTPError, match="400"):
        listed(system, **({"servicePrincipal": tenant.principal, **query} if query else {}))


def test_a_status_table_that_fails_keeps_no_job_from_being_started(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    system.simulation.fault(service="tables", path_contains="StartStatus", status=503, times=None)
    try:
        event = tenant.started(job_id)
        answer = system.app.post({"servicePrincipalId": tenant.principal, "jobId": job_id})
        asked = get(answer.headers["Location"])
    finally:
        system.simulation.clear_faults()

    assert ended_in(event) == "started/quarantine_cleared"
    assert answer.status_code == 202
    assert (asked.status_code, asked.headers["Retry-After"]) == (503, "60")


def test_the_lines_for_scripts_work_as_they_are_pasted(system: LocalSystem, tenant: Tenant, tmp_path: Path) -> None:
    page = (REPOSITORY / "docs" / "status.md").read_text()
    lines = re.findall(r"(?ms)^```sh\n(.+?)^```$", page)[0]
    job_id = tenant.put(jobs.paused(new_job_id()))
    done = subprocess.run(  # noqa: S603 - code of a page
        ["/usr/bin/env", "bash", "-eu", "-o", "pipefail", "-c", lines.replace("sleep 5", "sleep 0.2")],
        env={
            "PATH": os.environ["PATH"],
            "NO_PROXY": "*",
            "URL": system.functions,
            "KEY": system.function_key,
            "PRINCIPAL": tenant.principal,
            "JOB": job_id,
        },
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reason"] == "resumed"
    assert len(lines.strip().splitlines()) == 3


def test_one_event_is_one_call_of_the_table(system: LocalSystem, tenant: Tenant) -> None:
    followed(system.app.post({"servicePrincipalId": tenant.principal, "jobId": tenant.put(jobs.active(new_job_id()))}))
    system.simulation.clear_calls()
    followed(system.app.post({"servicePrincipalId": tenant.principal, "jobId": tenant.put(jobs.active(new_job_id()))}))
    writes = [
        call for call in system.simulation.table_calls() if "StartStatus" in call["path"] and call["method"] != "GET"
    ]
    assert len(writes) == 1
