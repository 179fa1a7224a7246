"""Notices in chat, on a webhook and on the ticket that asked. They delay nothing else."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.options import quick
from tests.e2e.tenant import new_job_id

if TYPE_CHECKING:
    from local.client.told import Seen
    from local.parts.system import LocalSystem, Options
    from tests.e2e.tenant import Tenant

pytestmark = pytest.mark.functions_host


@pytest.fixture(scope="module")
def options() -> Options:
    """The app looks for fates every second, and notifies all targets."""
    return quick(targets=True, lease=3, settings={"RECOVERY_SCHEDULE": "* * * * * *"})


def of(seen: list[Seen], tenant: Tenant) -> list[Seen]:
    """The texts about this test's application."""
    return [each for each in seen if tenant.principal in each.text]


def quarantined_by_a_ticket(system: LocalSystem, tenant: Tenant, number: str) -> str:
    """Request a start of a job in quarantine from a ticket in ServiceNow. Returns the ticket's sys_id."""
    sys_id = uuid.uuid4().hex
    system.told.put_ticket("servicenow", sys_id, number=number)
    job_id = tenant.put(jobs.quarantined(new_job_id()), afterStart="succeed")
    body = {"servicePrincipalId": tenant.principal, "jobId": job_id, "requestedBy": {"reference": number}}
    system.app.post(body, route="start-requests/servicenow").raise_for_status()
    return sys_id


def test_a_quarantine_from_a_ticket_ends_with_two_notes_and_the_cards(system: LocalSystem, tenant: Tenant) -> None:
    quarantined_by_a_ticket(system, tenant, "INC0010007")
    told = system.told.wait(lambda seen: len(of(seen, tenant)) >= 8)
    assert Counter(each.target for each in of(told, tenant)) == {
        "teams": 2,
        "slack": 2,
        "webhook": 2,
        "servicenow": 2,
    }
    assert [each.problem for each in told if each.problem] == []
    notes = [each for each in told if each.target == "servicenow"]
    assert all(each.private for each in notes)
    assert ["started it" in notes[0].text, "has recovered" in notes[1].text] == [True, True]
    events = [json.loads(each.text)["data"]["outcome"] for each in told if each.target == "webhook"]
    assert sorted(events) == ["recovered", "started"]


def notes(system: LocalSystem, number: str) -> list[str]:
    """The notes on a ticket in ServiceNow."""
    return [each.text.splitlines()[0] for each in system.told.seen("servicenow") if each.place == number]


@pytest.mark.parametrize("number", ["INC0030001", "INC0030002", "INC0030003"])
def test_a_worker_that_dies_after_the_post_makes_no_second_note(
    system: LocalSystem, tenant: Tenant, number: str
) -> None:
    # The host is killed after the first note is written and before its answer arrives.
    system.told.fault("servicenow", method="PATCH", answerAfterSeconds=2.0)
    quarantined_by_a_ticket(system, tenant, number)
    system.told.wait(lambda _: bool(notes(system, number)))
    (host,) = system.hosts
    host.kill()
    host.start()
    system.told.wait(lambda _: len(notes(system, number)) >= 2)
    tenant.later_events()
    # In any order, because the first one may be delivered again after the second.
    assert sorted(line.rpartition(": ")[2] for line in notes(system, number)) == ["recovered", "started"]


def test_a_ticket_system_that_is_down_gets_its_note_afterwards_and_holds_nothing_up(
    system: LocalSystem, tenant: Tenant
) -> None:
    system.told.fault("servicenow", times=None, status=503)
    quarantined_by_a_ticket(system, tenant, "INC0020000")
    told = system.told.wait(lambda seen: len([e for e in of(seen, tenant) if e.target != "servicenow"]) >= 6)
    assert not [each for each in of(told, tenant) if each.target == "servicenow"]
    system.told.clear_faults()
    told = system.told.wait(lambda seen: len([e for e in of(seen, tenant) if e.target == "servicenow"]) >= 2)
    assert len([each for each in of(told, tenant) if each.target == "servicenow"]) == 2
