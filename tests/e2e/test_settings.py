"""Settings: a wrong one stops what uses it and is reported; a right one has its effect."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from local.client.app_client import AppClient
from local.parts.environment import REPOSITORY
from local.parts.host_part import HostPart
from local.parts.system import LocalSystem, Options
from tests.e2e.tenant import ended_in, new_job_id
from tests.examples import check_event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


_ALLOWED = str(uuid.uuid4())


@pytest.fixture(scope="module")
def system() -> Iterator[LocalSystem]:
    """Everything except a host."""
    with LocalSystem(Options(hosts=0)) as system:
        yield system


@pytest.fixture(scope="module")
def app(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AppClient]:
    """An app with renamed queues in an account with another name, for only one service principal."""
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


@contextmanager
def _host(system: LocalSystem, log: Path, **settings: str) -> Iterator[AppClient]:
    """A host with these settings, and a client of its app."""
    app_settings = {**system.settings, **settings}
    host = HostPart(
        REPOSITORY,
        log,
        settings=app_settings,
        function_key="-key-",
        arguments=["--max-poll", "0.2", "--visibility", "0"],
    )
    host.start()
    try:
        with AppClient(system.storage, functions=host.url, function_key="-key-", settings=system.settings) as app:
            yield app
    finally:
        host.stop()


def test_an_app_that_can_take_nothing_says_which_setting_is_wrong(system: LocalSystem, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with _host(system, log, QUEUE_CONNECTION="NOWHERE", GRAPH_VERSION="v2") as app:
        answer = app.post({"servicePrincipalId": _ALLOWED})
    assert answer.status_code == 503
    assert [error["setting"] for error in answer.json()["errors"]] == ["QUEUE_CONNECTION"]
    assert "NOWHERE" in answer.json()["errors"][0]["detail"]
    written = log.read_text(encoding="utf-8", errors="replace")
    assert "Invalid application settings:" in written
    assert "GRAPH_VERSION is 'v2'" in written


def test_a_request_waits_where_a_setting_is_wrong_and_starts_once_it_is_corrected(
    system: LocalSystem, tmp_path: Path
) -> None:
    job_id = new_job_id()
    system.simulation.put_job(_ALLOWED, jobs.paused(job_id))
    system.simulation.clear_calls()
    with _host(system, tmp_path / "log", ALLOWED_SERVICE_PRINCIPALS=" ", GIVE_UP_AFTER="0.02") as app:
        (request_id,) = app.ask({"servicePrincipalId": _ALLOWED, "jobId": job_id})
        told = check_event(app.events.of(request_id))
    assert ended_in(told) == "delayed/settings_wrong"
    assert "ALLOWED_SERVICE_PRINCIPALS is blank" in told["data"]["message"]
    assert system.simulation.calls() == []
    with _host(system, tmp_path / "log2", ALLOWED_SERVICE_PRINCIPALS=_ALLOWED, GIVE_UP_AFTER="0.02") as app:
        started = check_event(app.events.of(request_id))
    assert ended_in(started) == "started/resumed"
