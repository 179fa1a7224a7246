"""The notices of an event, from the function that makes it to the function that delivers them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from azure.storage.queue import QueueClient

from local.client.jobs import quarantined
from local.parts.system import LocalSystem, Options
from tests.examples import JOB, REQUEST_ID, open_message
from tests.runtime.app import running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.app import App


@pytest.fixture(scope="module")
def system() -> Iterator[LocalSystem]:
    """Storage, Graph, the managed identity, and stand-ins for the targets."""
    with LocalSystem(Options(hosts=0, targets=True)) as system:
        yield system


@pytest.fixture(scope="module")
def app(system: LocalSystem) -> Iterator[App]:
    """The app with all targets and application names."""
    with running(**system.settings, APPLICATION_NAMES="true") as app:
        yield app


@pytest.fixture
def notices(system: LocalSystem, app: App, principal: str) -> list[str]:
    """The notices of a job that was started."""
    system.simulation.put_job(principal, quarantined(JOB))
    request = {"requestId": REQUEST_ID, "servicePrincipalId": principal, "jobId": JOB}
    outputs = app.deliver("start_job", json.dumps(request))["outputs"]
    assert set(outputs) == {"status", "notices"}
    texts: list[str] = outputs["notices"]
    return texts


def test_each_target_has_a_notice_of_its_own_and_gets_it(system: LocalSystem, app: App, notices: list[str]) -> None:
    assert sorted(open_message(text)["target"] for text in notices) == ["slack", "teams", "webhook"]
    for text in notices:
        assert app.deliver("send_notice", text) == {"outputs": {}}
    assert sorted(each.target for each in system.told.seen()) == ["slack", "teams", "webhook"]


def test_a_notice_whose_target_is_away_goes_back_on_its_queue(
    system: LocalSystem, app: App, notices: list[str]
) -> None:
    system.told.fault("teams", times=None, status=503)
    (text,) = (text for text in notices if open_message(text)["target"] == "teams")
    # The host creates the queue with its first notice.
    with QueueClient.from_connection_string(system.storage, "start-notices") as queue:
        queue.create_queue()

    assert app.deliver("send_notice", text) == {"outputs": {}}

    system.told.clear_faults()
    assert system.app.messages()["start-notices"] == 1
