"""Settings: what is wrong stops the app before it does anything; what is right is kept to."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from local.client.app_client import AppClient
from local.parts.environment import REPOSITORY
from local.parts.host_part import HostPart
from local.parts.processes import ProcessFailed
from local.parts.system import LocalSystem, Options
from tests.e2e.hosts import own_host_only
from tests.e2e.tenant import ended_in, new_job_id
from tests.examples import check_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.mark.parametrize(
    ("settings", "faults"),
    [
        pytest.param({"GRAPH_ENDPOINT": "http://graph.contoso.com"}, ["GRAPH_ENDPOINT", "https"], id="http"),
        pytest.param(
            {
                "GRAPH_ENDPOINT": "http://graph.contoso.com",
                "HELD_REASONS": "too_many_deletes,everything",
                "ALLOWED_SERVICE_PRINCIPALS": "contoso",
            },
            ["GRAPH_ENDPOINT", "HELD_REASONS", "'everything'", "ALLOWED_SERVICE_PRINCIPALS", "'contoso'"],
            id="three faults",
        ),
        pytest.param(
            {"START_REQUESTS_QUEUE": "Start_Requests"}, ["START_REQUESTS_QUEUE", "'Start_Requests'"], id="queue name"
        ),
        pytest.param(
            {"QUEUE_CONNECTION": "NOWHERE"},
            ["NOWHERE", "is not set"],
            marks=own_host_only("Microsoft's host starts, with the functions in error that name the connection"),
            id="no connection",
        ),
    ],
)
def test_app_refuses_to_start_and_names_each_fault(tmp_path: Path, settings: dict[str, str], faults: list[str]) -> None:
    host = HostPart(REPOSITORY, tmp_path / "log", settings=settings, function_key="key", arguments=())

    with pytest.raises(ProcessFailed) as refusal:
        host.start()

    last_line = str(refusal.value).splitlines()[-1]
    assert all(fault in last_line for fault in faults)


_ALLOWED = str(uuid.uuid4())


@pytest.fixture(scope="module")
def system() -> Iterator[LocalSystem]:
    """Everything but a host."""
    with LocalSystem(Options(hosts=0)) as system:
        yield system


@pytest.fixture(scope="module")
def app(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppClient]:
    """An app with queues of other names in an account of another name, for one service principal only."""
    settings = {
        **system.settings,
        "AzureWebJobsStorage": "",
        "QUEUE_CONNECTION": "CONTOSO_STORAGE",
        "CONTOSO_STORAGE": system.storage,
        "START_REQUESTS_QUEUE": "contoso-in",
        "START_STATUS_QUEUE": "contoso-out",
        "ALLOWED_SERVICE_PRINCIPALS": _ALLOWED,
        "WEBSITE_SITE_NAME": "contoso-starter",
    }
    log = tmp_path_factory.mktemp("host") / "log"
    host = HostPart(
        REPOSITORY, log, settings=settings, function_key="-key-", arguments=["--max-poll", "0.2", "--visibility", "0"]
    )
    host.start()
    try:
        with AppClient(system.storage, functions=host.url, function_key="-key-", settings=settings) as app:
            yield app
    finally:
        host.stop()


def test_queues_of_other_names_in_another_account_are_used(system: LocalSystem, app: AppClient) -> None:
    by_http, by_queue = new_job_id(), new_job_id()
    for job_id in (by_http, by_queue):
        system.simulation.put_job(_ALLOWED, jobs.paused(job_id))

    request_ids = app.ask({"servicePrincipalId": _ALLOWED, "jobId": by_http})
    request_ids += app.put_message(f"servicePrincipals/{_ALLOWED}/synchronization/jobs/{by_queue}")
    events = [check_event(app.events.of(request_id)) for request_id in request_ids]

    assert app.start_requests.queue_name == "contoso-in"
    assert [ended_in(event) for event in events] == ["started/resumed"] * 2
    assert {event["source"] for event in events} == {"/start-job-function/contoso-starter"}
