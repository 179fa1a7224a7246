"""Storage access with the app's managed identity, as infra/ deploys it, without a key in any setting."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from local.client import jobs
from local.parts.azurite import ACCOUNT_KEY
from local.parts.system import IDENTITY_CLIENT_ID, LocalSystem, Options
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant, ended_in, new_job_id
from tests.infra.deployment_checks import HOST_SETTINGS

pytestmark = pytest.mark.functions_host

_EVERY_SECOND = "* * * * * *"


@pytest.fixture(scope="module")
def options() -> Options:
    return quick(identity_connection=True, settings={"RECOVERY_SCHEDULE": _EVERY_SECOND})


def test_settings_are_those_of_the_template(system: LocalSystem) -> None:
    storage = {name for name in system.settings if name.startswith("AzureWebJobsStorage")}

    assert storage | {"AZURE_CLIENT_ID", "AZURE_TOKEN_CREDENTIALS"} <= HOST_SETTINGS
    assert not any(ACCOUNT_KEY in value for value in system.settings.values())


def test_job_is_started_and_followed_until_it_has_recovered(tenant: Tenant) -> None:
    job_id = tenant.put(jobs.quarantined(new_job_id()), afterStart="succeed", afterSeconds=0.1)

    request_id = tenant.ask(job_id)

    assert [ended_in(tenant.event(request_id)) for _ in range(2)] == [
        "started/quarantine_cleared",
        "recovered/running_again",
    ]
    assert tenant.effective_starts(job_id) == 1


def test_ledger_knows_the_job_that_is_in_the_same_quarantine(tenant: Tenant) -> None:
    job = jobs.quarantined(new_job_id())
    job_id = tenant.put(job, afterStart="nothing")
    tenant.started(job_id)
    tenant.put(job)

    assert ended_in(tenant.started(job_id)) == "skipped/already_started"
    assert tenant.effective_starts(job_id) == 1


def test_token_for_storage_is_asked_of_the_identity_that_the_settings_name(system: LocalSystem, tenant: Tenant) -> None:
    tenant.started(tenant.put(jobs.quarantined(new_job_id())))

    asked = [parse_qs(call["query"]) for call in system.simulation.identity_calls()]

    assert {query["resource"][0].rstrip("/") for query in asked} == {system.graph, "https://storage.azure.com"}
    assert {query["client_id"][0] for query in asked} == {IDENTITY_CLIENT_ID}
