"""Messages on the start-requests queue, in every form that senders use."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from local.client import jobs
from tests.e2e.tenant import Tenant, ended_in, new_job_id
from tests.examples import check_event

if TYPE_CHECKING:
    from local.parts.system import LocalSystem

pytestmark = pytest.mark.functions_host


@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "base64"])
@pytest.mark.parametrize("form", ["json", "path", "url"])
def test_message_is_understood(system: LocalSystem, tenant: Tenant, form: str, encoded: bool) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    path = f"servicePrincipals/{tenant.principal}/synchronization/jobs/{job_id}"
    content = {
        "json": json.dumps({"servicePrincipalId": tenant.principal, "jobId": job_id}),
        "path": path,
        "url": f"https://graph.microsoft.com/v1.0/{path}/start",
    }

    (request_id,) = system.app.put_message(content[form], encoded=encoded)

    assert ended_in(tenant.event(request_id)) == "started/quarantine_cleared"


def test_array_in_a_message_becomes_one_request_an_item(system: LocalSystem, tenant: Tenant) -> None:
    job_ids = [tenant.put(jobs.paused(new_job_id())) for _ in range(3)]
    items = [{"servicePrincipalId": tenant.principal, "jobId": job_id} for job_id in job_ids]

    request_ids = system.app.put_message(json.dumps([*items, {"jobId": "a"}]))
    ends = [ended_in(tenant.event(request_id)) for request_id in request_ids]

    assert ends == ["started/resumed"] * 3 + ["rejected/invalid_request"]


def test_random_bytes_end_in_an_event(system: LocalSystem) -> None:
    (request_id,) = system.app.put_message(b"\xff\xfe" + os.urandom(200), encoded=True)

    event = check_event(system.app.events.of(request_id))

    assert ended_in(event) == "rejected/unreadable_message"
    assert event["data"]["received"]


def test_nothing_is_left_behind_once_every_message_is_done(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))

    tenant.started(job_id)

    assert tenant.effective_starts(job_id) == 1
    assert system.app.events.read() == []
