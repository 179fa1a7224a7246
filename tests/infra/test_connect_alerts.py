"""infra/connect-alerts with a stand-in for az."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.infra.conftest import Run, Tenant

SCRIPT = "connect-alerts"
WORKSPACES = "/subscriptions/s/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces"
AZD = {
    "APP_RESOURCE_GROUP": "rg-contoso",
    "AZURE_ENV_NAME": "contoso",
    "AZURE_SUBSCRIPTION_ID": "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a00",
    "FUNCTION_APP_NAME": "func-contoso",
    "ALERT_WORKSPACE_ID": f"{WORKSPACES}/w",
    "CONNECT_PAUSE": "0",
}
AT_ONCE = {**AZD, "CONNECT_SECONDS": "0"}

HOST_ERROR = (
    'Bad Request({"Code":"BadRequest","Message":"Encountered an error (ServiceUnavailable) from host runtime."})'
)


def rules(tenant: Tenant) -> dict[str, str]:
    """The workspaces of the alert rules, by the names of the rules."""
    return {id_.rpartition("/")[2]: workspace for id_, workspace in tenant["resources"].items() if "queryrules" in id_}


def test_alert_is_deployed_for_the_workspace(run: Run, tenant: Tenant) -> None:
    answer = run(SCRIPT, **AZD)
    assert answer.returncode == 0, answer.stderr
    assert "now start jobs through func-contoso" in answer.stdout
    assert list(rules(tenant).values()) == [AZD["ALERT_WORKSPACE_ID"]]
    (deployment,) = tenant.calls("deployment")
    assert "location=westeurope" in deployment
    assert 'tags={"azd-env-name": "contoso"}' in deployment


def test_alert_has_a_key_of_its_own_that_stays_the_same(run: Run, tenant: Tenant) -> None:
    run(SCRIPT, **AZD)
    key = tenant["keys"]["azure-monitor"]
    run(SCRIPT, **AZD)
    assert tenant["keys"] == {"default": "k", "azure-monitor": key}
    assert len(tenant.calls("deployment")) == 2
    assert len(rules(tenant)) == 1


def test_rotate_key_makes_a_new_one_and_deploys_it(run: Run, tenant: Tenant) -> None:
    run(SCRIPT, **AZD)
    key = tenant["keys"]["azure-monitor"]
    assert run(SCRIPT, "--rotate-key", **AZD).returncode == 0
    assert tenant["keys"]["azure-monitor"] != key
    assert len(tenant.calls("deployment")) == 2


def test_key_is_neither_printed_nor_stored(run: Run, tenant: Tenant) -> None:
    answer = run(SCRIPT, **AZD)
    key = tenant["keys"]["azure-monitor"]
    assert key not in answer.stdout + answer.stderr
    assert not any(key in argument for call in tenant["calls"] for argument in call)


def test_another_workspace_gets_a_rule_of_its_own_and_the_earlier_one_goes(run: Run, tenant: Tenant) -> None:
    tenant["resources"] = {"/subscriptions/s/queryrules/alert-quarantine-func-contoso": "before there were workspaces"}
    run(SCRIPT, **AZD)
    (first,) = rules(tenant)
    other = {**AZD, "ALERT_WORKSPACE_ID": f"{WORKSPACES}/other"}
    answer = run(SCRIPT, **other)
    assert answer.returncode == 0, answer.stderr
    assert f"Deleted {first}." in answer.stdout
    assert list(rules(tenant).values()) == [other["ALERT_WORKSPACE_ID"]]


def test_alerts_of_others_stay(run: Run, tenant: Tenant) -> None:
    others = {f"/subscriptions/s/queryrules/{name}": "x" for name in ("alert-start-failed-contoso", "alert-quarantine")}
    tenant["resources"] = others
    run(SCRIPT, **AZD)
    run(SCRIPT, QUARANTINE_ALERT="false", **AZD)
    assert tenant["resources"] == others


@pytest.mark.parametrize("said", ["false", "False"])
def test_an_alert_that_is_switched_off_is_taken_away(run: Run, tenant: Tenant, said: str) -> None:
    run(SCRIPT, **AZD)
    assert tenant["resources"]
    answer = run(SCRIPT, **{**AZD, "QUARANTINE_ALERT": said, "ALERT_WORKSPACE_ID": ""})
    assert answer.returncode == 0, answer.stderr
    assert "no alert starts jobs" in answer.stdout
    assert tenant["resources"] == {}


def test_an_empty_choice_means_the_default(run: Run, tenant: Tenant) -> None:
    assert run(SCRIPT, QUARANTINE_ALERT="", **AZD).returncode == 0
    assert len(rules(tenant)) == 1


def test_triggers_are_synced_before_they_are_looked_for(run: Run, tenant: Tenant) -> None:
    assert run(SCRIPT, **AZD).returncode == 0
    (sync,) = tenant.calls("rest")
    assert sync[sync.index("--uri") + 1].endswith("/sites/func-contoso/host/default/sync?api-version=2024-04-01")


def test_triggers_are_synced_until_the_function_shows(run: Run, tenant: Tenant) -> None:
    tenant["syncs needed"] = 3
    answer = run(SCRIPT, **AZD)
    assert answer.returncode == 0, answer.stderr
    assert len(tenant.calls("rest")) == len(tenant.calls("show", "--function-name")) == 3
    assert answer.stderr.count("waiting: there is no function take_payload") == 1


RACES = [
    ("rest", HOST_ERROR),
    ("functionapp function show", "(NotFound) Function with name take_payload does not exist."),
    ("functionapp function keys list", "Operation returned an invalid status 'Bad Request'"),
    ("functionapp function keys set", "Operation returned an invalid status 'Bad Request'"),
    (
        "deployment group create",
        '{"code": "DeploymentFailed", "details": [{"code": "BadRequest", "message": "listKeys"}]}',
    ),
    ("resource list", "Connection reset by peer"),
]
"""What a new app answers until it is ready, from public reports of first deployments to Flex Consumption."""


@pytest.mark.parametrize(("command", "error"), RACES)
def test_what_a_new_app_needs_time_for_is_waited_for(run: Run, tenant: Tenant, command: str, error: str) -> None:
    tenant["errors"] = {command: [error] * 3}
    answer = run(SCRIPT, **AZD)
    assert answer.returncode == 0, answer.stderr
    assert answer.stderr.count(error) == 1
    assert len(rules(tenant)) == 1


@pytest.mark.parametrize(("command", "error"), RACES)
def test_last_error_is_shown_when_the_time_is_up(run: Run, tenant: Tenant, command: str, error: str) -> None:
    tenant["errors"] = {command: [error]}
    answer = run(SCRIPT, **AT_ONCE)
    assert answer.returncode == 2
    assert error in answer.stderr


def test_an_app_without_code_is_reported_as_missing_its_function(run: Run, tenant: Tenant) -> None:
    tenant["errors"] = {"functionapp function show": ["(NotFound) Function with name take_payload does not exist."]}
    answer = run(SCRIPT, **AT_ONCE)
    assert "func-contoso has no function take_payload yet: deploy the code" in answer.stderr
    assert tenant.calls("deployment") == []


@pytest.mark.parametrize(
    ("command", "error", "told"),
    [
        ("resource show", "Please run 'az login' to setup account.", "run az login"),
        ("resource show", "AADSTS700082: The refresh token has expired due to inactivity.", "run az login"),
        (
            "resource show",
            "The subscription of 'x' doesn't exist in cloud 'AzureCloud'.",
            "does not know the subscription",
        ),
        (
            "resource show",
            "(SubscriptionNotFound) The subscription 'x' could not be found.",
            "not know the subscr",
        ),
        ("resource show", "(ResourceGroupNotFound) Resource group 'x' could not be found.", "no resource group rg-con"),
        ("resource show", "(ResourceNotFound) The Resource 'Microsoft.Web/sites/x' was not found.", "it is not there"),
        ("resource show", "(AuthorizationFailed) The client 'x' does not have authorization.", "you may not do this"),
        ("functionapp function keys set", "(AuthorizationFailed) The client 'x' does not", "you may not do this"),
        ("deployment group create", '{"code": "LinkedAuthorizationFailed"}', "you may not do this"),
        (
            "deployment group create",
            "(MissingSubscriptionRegistration) Microsoft.Insights",
            "provider is not registered",
        ),
        (
            "deployment group create",
            "(InvalidTemplate) The template is wrong",
            "(InvalidTemplate) The template is wrong",
        ),
        ("functionapp function show", "'function' is misspelled or not recognized by the system.", "is it an old one?"),
    ],
)
def test_error_that_waiting_cannot_fix_ends_the_script_at_once(
    run: Run, tenant: Tenant, command: str, error: str, told: str
) -> None:
    tenant["errors"] = {command: [error] * 100}
    answer = run(SCRIPT, **AZD)
    assert answer.returncode == 2
    assert told in answer.stderr
    assert error in answer.stderr
    assert len(tenant["errors"][command]) == 99


def test_lines_that_end_as_on_windows_are_read(run: Run, tenant: Tenant) -> None:
    tenant["windows"] = True
    assert run(SCRIPT, **AZD).returncode == 0
    assert run(SCRIPT, **{**AZD, "ALERT_WORKSPACE_ID": f"{WORKSPACES}/other"}).returncode == 0
    assert list(rules(tenant).values()) == [f"{WORKSPACES}/other"]
    assert not any("\r" in argument for call in tenant["calls"] for argument in call)


def test_git_bash_is_told_to_leave_arguments_alone(run: Run, tenant: Tenant) -> None:
    run(SCRIPT, **AZD)
    assert tenant["environment"]["MSYS_NO_PATHCONV"] == "1"
    assert tenant["environment"]["MSYS2_ARG_CONV_EXCL"] == "*"


@pytest.mark.parametrize("name", ["APP_RESOURCE_GROUP", "FUNCTION_APP_NAME", "ALERT_WORKSPACE_ID"])
def test_a_missing_value_is_named(run: Run, tenant: Tenant, name: str) -> None:
    answer = run(SCRIPT, **{**AZD, name: ""})
    assert answer.returncode == 2
    assert f"{name} is not set" in answer.stderr
    assert tenant["calls"] == []


def test_a_choice_that_is_neither_true_nor_false_is_named(run: Run, tenant: Tenant) -> None:
    answer = run(SCRIPT, QUARANTINE_ALERT="no", **AZD)
    assert answer.returncode == 2
    assert "QUARANTINE_ALERT is no, but must be true or false" in answer.stderr
    assert tenant["calls"] == []


def test_help_names_what_is_read(run: Run) -> None:
    text = run(SCRIPT, "--help").stdout
    assert all(name in text for name in (*AT_ONCE.keys() - {"CONNECT_PAUSE", "CONNECT_SECONDS"}, "QUARANTINE_ALERT"))
