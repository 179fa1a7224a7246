"""The Bicep templates with Bicep's own compiler: what each variant would send to Azure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from shared.intake.sources import SOURCES
from tests.infra.bicep import GROUP, INFRA, Variant, choices_of_the_parameters_file
from tests.infra.deployment_checks import (
    ACTION_GROUP,
    ROLES,
    RULE,
    SITE,
    STORAGE,
    VAULT,
    app_settings,
    faults,
)
from tests.infra.variants import AUDIT_LOGS, VARIANTS, WORKSPACE, alert

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.bicep import Bicep, Resource
    from tests.infra.conftest import Deployments

FILES = {file.name: file.read_text() for file in sorted(INFRA.glob("*.bicep"))}
GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
RESOURCE_GROUP = "Microsoft.Resources/resourceGroups"


@pytest.mark.parametrize("template", ["main.bicep", "quarantine-alert.bicep"])
def test_linter_finds_nothing(bicep: Bicep, template: str) -> None:
    assert bicep.lint(INFRA / template).result() == ""


@pytest.mark.parametrize("variant", VARIANTS)
def test_deployment_is_sound(deployments: Deployments, variant: str) -> None:
    assert faults(deployments(variant)) == []


# What is created, and for whom


def test_a_group_of_its_own_is_made_and_tagged(deployments: Deployments) -> None:
    group = deployments("default").one(RESOURCE_GROUP)
    assert (group["name"], group["tags"]) == ("rg-a", {"azd-env-name": "a"})
    assert deployments("network").one(RESOURCE_GROUP)["name"] == "rg-x.-"


def test_an_existing_group_is_left_unchanged(deployments: Deployments) -> None:
    """A group that the template declares would get its tags and its region, and `azd down` would delete it."""
    everything = deployments("everything")
    assert everything.of_type(RESOURCE_GROUP) == []
    assert everything.outputs["APP_RESOURCE_GROUP"] == GROUP
    assert [each["id"] for each in everything.resources if f"{GROUP}" not in each["id"]] == []


def test_everything_of_an_environment_bears_its_tag(deployments: Deployments) -> None:
    for variant, name in (("default", "a"), ("network", "x.")):
        placed = [resource for resource in deployments(variant).resources if "location" in resource]
        untagged = [each["name"] for each in placed if each.get("tags", {}).get("azd-env-name") != name]
        assert untagged == []


def test_names_take_the_region_in(bicep: Bicep, deployments: Deployments) -> None:
    """A deleted vault keeps its name for a while, so that an environment elsewhere must not use the same."""
    choices = {**VARIANTS["default"].choices, "AZURE_LOCATION": "northeurope"}
    elsewhere = bicep.snapshot(Variant(choices=choices), bicep.templates()).result()
    assert elsewhere.one(VAULT)["name"] != deployments("default").one(VAULT)["name"]


def test_outputs_leave_choices_alone(deployments: Deployments) -> None:
    """azd overwrites variables of the same name with outputs, and removes them with `azd down`."""
    choices = choices_of_the_parameters_file() | {"QUARANTINE_ALERT"}
    assert deployments("default").outputs.keys() & choices == set()


# Choices


def test_a_blank_choice_means_the_default(deployments: Deployments) -> None:
    """`resources.bicep` without parameters shows the defaults."""

    def choices(variant: str) -> tuple[object, ...]:
        snapshot = deployments(variant)
        config = snapshot.one(SITE)["properties"]["functionAppConfig"]["scaleAndConcurrency"]
        set_ = {name: value for name, value in app_settings(snapshot).items() if not value.startswith("[")}
        return config, set_, len(snapshot.of_type(ACTION_GROUP)), sorted(each["type"] for each in snapshot.resources)

    *blank, types = choices("default")
    *default, types_in_group = choices("a group only")
    assert blank == default
    assert types == sorted([RESOURCE_GROUP, *types_in_group])  # type: ignore[misc]


def test_choices_arrive(deployments: Deployments) -> None:
    everything = deployments("everything")
    settings = app_settings(everything)
    assert settings["GRAPH_ENDPOINT"] == "https://graph.microsoft.us"
    assert settings["GRAPH_VERSION"] == "beta"
    assert settings["HELD_REASONS"] == "none"
    assert settings["START_LIMIT"] == "5"
    assert everything.one(SITE)["properties"]["functionAppConfig"]["scaleAndConcurrency"] == {
        "maximumInstanceCount": 100,
        "instanceMemoryMB": 512,
        "alwaysReady": [{"name": "http", "instanceCount": 1}, {"name": "function:start_job", "instanceCount": 2}],
    }
    assert everything.outputs["ALERT_WORKSPACE_ID"] == AUDIT_LOGS
    assert everything.of_type("Microsoft.OperationalInsights/workspaces") == []


def test_each_address_of_a_list_is_read_once(deployments: Deployments) -> None:
    receivers = deployments("e-mails").one(ACTION_GROUP)["properties"]["emailReceivers"]
    assert [receiver["emailAddress"] for receiver in receivers] == ["ops@contoso.com", "oncall@contoso.com"]


def test_each_sender_of_a_list_is_read_once(deployments: Deployments) -> None:
    settings = app_settings(deployments("senders"))
    vault = deployments("senders").one(VAULT)["name"]
    signing = [source for source in SOURCES.values() if source.signature]
    assert {name: value for name, value in settings.items() if "SECRET" in name} == {
        source.secret_setting: f"@Microsoft.KeyVault(VaultName={vault};SecretName=webhook-secret-{source.name})"
        for source in signing
    }
    assert set(settings["SOURCES"].split(",")) == {"azure-monitor", *(source.name for source in signing)}


@pytest.mark.parametrize(
    ("choice", "value", "told"),
    [
        (
            "MORE_SETTINGS",
            '{"START_LIMIT": 5}',
            "parameter \"moreSettings\": The provided value for the '.START_LIMIT'",
        ),
        ("MORE_SETTINGS", '{"START_LIMIT": "5"', 'parameter "moreSettings"'),
        ("WEBHOOK_SOURCES", "pagerdutty", "'pagerdutty' is not part of the allowed value(s): 'generic,jira,pagerduty"),
    ],
)
def test_a_choice_that_cannot_be_is_named(bicep: Bicep, choice: str, value: str, told: str) -> None:
    variant = Variant(choices={**VARIANTS["default"].choices, choice: value})
    snapshot = bicep.snapshot(variant, bicep.templates()).result()
    assert told in snapshot.log
    assert snapshot.resources == ()


def parameters(template: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The parameters of a template and of its modules, by name, with the types that they refer to."""
    for name, parameter in template.get("parameters", {}).items():
        reference = parameter.get("$ref", "").rpartition("/")[2]
        yield name, {**template.get("definitions", {}).get(reference, {}), **parameter}
    resources = template["resources"]
    for resource in resources.values() if isinstance(resources, dict) else resources:
        if resource["type"] == "Microsoft.Resources/deployments":
            yield from parameters(resource["properties"]["template"])


def test_bounds_hold_wherever_one_comes_in(bicep: Bicep) -> None:
    """If only a module has a bound, a value outside it fails late, in the middle of the deployment."""
    found: dict[str, list[dict[str, Any]]] = {}
    for name, parameter in parameters(bicep.build(INFRA / "main.bicep").result()):
        found.setdefault(name, []).append(parameter)
    bounds: dict[str, dict[str, Any]] = {
        "graphVersion": {"allowedValues": ["beta", "v1.0"]},
        "instanceMemoryMB": {"allowedValues": [2048, 4096, 512]},
        "alwaysReadyHttp": {"minValue": 0},
        "alwaysReadyQueue": {"minValue": 0},
        "maximumInstanceCount": {"minValue": 1, "maxValue": 1000},
        "moreSettings": {"additionalProperties": {"type": "string"}},
        "tags": {"additionalProperties": {"type": "string"}},
    }
    for name, bound in bounds.items():
        levels = [{key: level.get(key) for key in bound} for level in found[name]]
        assert levels == [bound] * len(levels), name
    assert all(len(endpoint["allowedValues"]) == 4 for endpoint in found["graphEndpoint"])
    untyped = {name for name, all_ in found.items() for one in all_ if one["type"] == "object" and len(one) == 1}
    assert untyped == set()


# The alert that connect-alerts deploys


def test_each_workspace_has_a_rule_of_its_own(bicep: Bicep, deployments: Deployments) -> None:
    """Azure refuses to change the scope of an existing rule: "Scope can not be updated"."""
    templates = bicep.templates()
    other = bicep.snapshot(alert(WORKSPACE), templates)
    same = bicep.snapshot(alert(AUDIT_LOGS.upper()), templates)
    rule = deployments("alert").one(RULE)
    assert rule["properties"]["scopes"] == [AUDIT_LOGS]
    assert rule["name"].startswith("alert-quarantine-func-contoso-")
    assert other.result().one(RULE)["name"] != rule["name"]
    assert same.result().one(RULE)["name"] == rule["name"]
    assert deployments("alert").outputs["ruleName"] == rule["name"]


def test_connect_alerts_gives_the_template_what_it_takes(bicep: Bicep) -> None:
    script = (INFRA / "connect-alerts").read_text()
    (values,) = re.findall(r"(?s)values=\((.+?)\)\n", script)
    given = set(re.findall(r"(\w+)=\"\$", values))
    more = set(re.findall(r"values\+=\(\"(\w+)=", script))
    taken = bicep.build(INFRA / "quarantine-alert.bicep").result()["parameters"]
    assert given == {name for name, parameter in taken.items() if "defaultValue" not in parameter}
    assert given | more == taken.keys()


# Safety


def subnets(network: Resource) -> dict[str, dict[str, Any]]:
    """The properties of a network's subnets, by name."""
    return {subnet["name"]: subnet["properties"] for subnet in network["properties"]["subnets"]}


def test_every_subnet_says_whether_it_reaches_the_internet(deployments: Deployments) -> None:
    found = subnets(deployments("network").one("Microsoft.Network/virtualNetworks"))
    assert {name: subnet["defaultOutboundAccess"] for name, subnet in found.items()} == {"app": True, "storage": False}


def test_deployment_with_a_password_is_disabled(deployments: Deployments) -> None:
    policies = deployments("default").of_type(f"{SITE}/basicPublishingCredentialsPolicies")
    assert sorted(policy["name"].rpartition("/")[2] for policy in policies) == ["ftp", "scm"]
    assert [policy["properties"]["allow"] for policy in policies] == [False, False]


def test_storage_is_reached_from_inside_the_network_only(deployments: Deployments) -> None:
    acl = deployments("network").one(STORAGE)["properties"]["networkAcls"]
    assert acl == {"bypass": "None", "defaultAction": "Deny"}


def test_no_template_has_a_secret_or_key() -> None:
    for name, text in FILES.items():
        assert not re.search(r"AccountKey|SharedAccessKey|listKeys\(\)\.keys", text), name


# Without the compiler


def test_every_query_is_used() -> None:
    used = {file for text in FILES.values() for file in re.findall(r"loadTextContent\('queries/([^']+)'\)", text)}
    assert {file.name for file in (INFRA / "queries").iterdir()} == used


def test_ids_of_roles_are_in_one_place_with_their_names() -> None:
    roles = {name: id_ for name, id_ in json.loads((INFRA / "roles.json").read_text()).items() if name[0] != "$"}
    assert roles == {name: id_ for (_, id_), name in ROLES.items()}
    strangers = {file.name for file in INFRA.rglob("*") if file.is_file() and GUID.search(file.read_text())}
    assert strangers <= {"roles.json", "grant-graph-permission"}
