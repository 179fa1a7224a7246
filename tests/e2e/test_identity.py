"""Tokens from the identity endpoint through azure-identity, and waiting while it is down."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local.client import jobs
from tests.e2e.tenant import Tenant, ended_in, new_job_id

if TYPE_CHECKING:
    from local.parts.system import LocalSystem


def test_identity_endpoint_that_fails_is_asked_again_after_a_pause(system: LocalSystem, tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()))
    tenant.simulation.fault(path_ends_with="/msi/token", status=500)

    event = tenant.started(job_id)

    assert ended_in(event) == "started/quarantine_cleared"
    assert [call["status"] for call in system.simulation.identity_calls()] == [500, 200]
    assert tenant.steps(job_id) == ["read", "start", "read"]


def test_one_token_serves_many_requests(system: LocalSystem, tenant: Tenant) -> None:
    tenant.started(tenant.put(jobs.active(new_job_id())))
    tokens = len(system.simulation.identity_calls())

    for request_id in [tenant.ask(tenant.put(jobs.active(new_job_id()))) for _ in range(20)]:
        tenant.event(request_id)

    assert len(system.simulation.identity_calls()) == tokens


def test_token_is_for_graph_and_for_nothing_else(system: LocalSystem, tenant: Tenant) -> None:
    tenant.started(tenant.put(jobs.active(new_job_id())))

    queries = {call["query"] for call in system.simulation.identity_calls()}

    assert all(f"resource={system.graph}" in query and "/.default" not in query for query in queries)


def test_no_secret_is_in_the_log(system: LocalSystem, tenant: Tenant) -> None:
    tenant.started(tenant.put(jobs.quarantined(new_job_id())))

    log = system.hosts[0].log_text

    assert "start_request_ended" in log
    assert system.function_key not in log
    assert system.settings["IDENTITY_HEADER"] not in log
    assert "Bearer" not in log
