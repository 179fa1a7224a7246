"""infra/connect-alerts on a stand-in for az."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.infra.bicep import INFRA, read_template

if TYPE_CHECKING:
    from tests.infra.conftest import Run, Tenant

SCRIPT = "connect-alerts"
AZD = {
    "AZURE_RESOURCE_GROUP": "rg-contoso",
    "AZURE_SUBSCRIPTION_ID": "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a00",
    "FUNCTION_APP_NAME": "func-contoso",
    "AUDIT_LOGS_WORKSPACE_ID": "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w",
    "CONNECT_PAUSE": "0",
}


def test_alert_is_deployed_with_what_its_template_takes(run: Run, tenant: Tenant) -> None:
    answer = run(SCRIPT, **AZD)
    assert answer.returncode == 0, answer.stderr
    (deployment,) = tenant.calls("deployment")
    given = dict(argument.split("=", 1) for argument in deployment if "=" in argument)
    template = read_template("quarantine-alert.bicep", (INFRA / "quarantine-alert.bicep").read_text())
    required = {name for name, parameter in template.parameters.items() if parameter.is_required}
    assert required <= given.keys() <= template.parameters.keys()
    assert given["workspaceId"] == AZD["AUDIT_LOGS_WORKSPACE_ID"]
    assert given["location"] == "westeurope"


def test_alert_has_a_key_of_its_own_that_stays_the_same(run: Run, tenant: Tenant) -> None:
    run(SCRIPT, **AZD)
    key = tenant["keys"]["azure-monitor"]
    run(SCRIPT, **AZD)
    assert tenant["keys"] == {"default": "k", "azure-monitor": key}
    assert len(tenant.calls("deployment")) == 2


def test_rotate_key_makes_a_new_one_and_deploys_it(run: Run, tenant: Tenant) -> None:
    run(SCRIPT, **AZD)
    key = tenant["keys"]["azure-monitor"]
    assert run(SCRIPT, "--rotate-key", **AZD).returncode == 0
    assert tenant["keys"]["azure-monitor"] != key
    assert len(tenant.calls("deployment")) == 2


def test_key_passes_through_no_hand(run: Run, tenant: Tenant) -> None:
    answer = run(SCRIPT, **AZD)
    key = tenant["keys"]["azure-monitor"]
    assert key not in answer.stdout + answer.stderr
    assert not any(key in argument for call in tenant["calls"] for argument in call)


def test_it_waits_until_the_host_knows_the_function(run: Run, tenant: Tenant) -> None:
    tenant["patience"] = 3
    assert run(SCRIPT, **AZD).returncode == 0
    assert len(tenant.calls("function", "show")) == 4


def test_it_does_not_wait_for_ever(run: Run, tenant: Tenant) -> None:
    tenant["patience"] = 100
    answer = run(SCRIPT, CONNECT_TRIES="5", **AZD)
    assert answer.returncode == 2
    assert "has no function" in answer.stderr
    assert tenant.calls("deployment") == []


def test_who_is_not_signed_in_is_told_so_at_once(run: Run, tenant: Tenant) -> None:
    tenant["refuses"] = "all"
    answer = run(SCRIPT, **AZD)
    assert answer.returncode == 2
    assert "run az login" in answer.stderr
    assert tenant.calls("function") == []


def test_nothing_is_done_where_the_alert_is_off(run: Run, tenant: Tenant) -> None:
    assert run(SCRIPT, QUARANTINE_ALERT="false", **AZD).returncode == 0
    assert tenant["calls"] == []


@pytest.mark.parametrize("name", ["AZURE_RESOURCE_GROUP", "FUNCTION_APP_NAME", "AUDIT_LOGS_WORKSPACE_ID"])
def test_a_missing_value_is_named(run: Run, name: str) -> None:
    answer = run(SCRIPT, **{**AZD, name: ""})
    assert answer.returncode == 2
    assert f"{name} is not set" in answer.stderr
