"""The rules for a deployment, as far as its snapshot shows them.

A snapshot leaves what only Azure knows as expressions in brackets: reference(), listKeys(), environment(). It knows no
rules for names, no regions and no rights. Those that matter here are listed below.
"""

from __future__ import annotations

import re
from dataclasses import fields
from itertools import chain
from typing import TYPE_CHECKING, Any

from shared.intake.sources import SOURCES
from shared.notices.set_up import NoticeSettings
from shared.settings import NOTIFY_PREFIX, SECRET_PREFIX
from tests.infra.app_source import ROOT, queues, setting_names, tables
from tests.infra.bicep import SUBSCRIPTION, strings
from tests.infra.variants import TAKEN_IN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.bicep import Resource, Snapshot

STORAGE = "Microsoft.Storage/storageAccounts"
SITE = "Microsoft.Web/sites"
VAULT = "Microsoft.KeyVault/vaults"
COMPONENTS = "Microsoft.Insights/components"
ROLE_ASSIGNMENT = "Microsoft.Authorization/roleAssignments"
RULE = "Microsoft.Insights/scheduledQueryRules"
ACTION_GROUP = "Microsoft.Insights/actionGroups"

_NAMES = {
    "Microsoft.Resources/resourceGroups": r"[\w.()-]{0,89}[\w()-]",
    "Microsoft.ManagedIdentity/userAssignedIdentities": r"[A-Za-z0-9][\w-]{2,127}",
    "Microsoft.OperationalInsights/workspaces": r"[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]",
    COMPONENTS: r"[\w.()-]{0,259}[\w()-]",
    ACTION_GROUP: r"[^:<>+/&%\\?|]{0,259}[^:<>+/&%\\?|. ]",
    RULE: r"[^*<>%{}&:\\?/#|]{0,259}[^*<>%{}&:\\?/#|. ]",
    "Microsoft.Insights/workbooks": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    VAULT: r"(?=.{3,24}$)[A-Za-z](-?[A-Za-z0-9])*",
    STORAGE: r"[a-z0-9]{3,24}",
    f"{STORAGE}/blobServices": r"default",
    f"{STORAGE}/blobServices/containers": r"(?=.{3,63}$)[a-z0-9](-?[a-z0-9])*",
    f"{STORAGE}/queueServices": r"default",
    f"{STORAGE}/queueServices/queues": r"(?=.{3,63}$)[a-z0-9](-?[a-z0-9])*",
    f"{STORAGE}/tableServices": r"default",
    f"{STORAGE}/tableServices/tables": r"[A-Za-z][A-Za-z0-9]{2,62}",
    "Microsoft.Network/virtualNetworks": r"[A-Za-z0-9][\w.-]{0,62}\w",
    "Microsoft.Network/privateEndpoints": r"[A-Za-z0-9][\w.-]{0,62}\w",
    "Microsoft.Network/privateEndpoints/privateDnsZoneGroups": r"[A-Za-z0-9][\w.-]{0,78}\w",
    "Microsoft.Web/serverfarms": r"[A-Za-z0-9-]{1,60}",
    SITE: r"[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]",
    f"{SITE}/config": r"appsettings",
    f"{SITE}/basicPublishingCredentialsPolicies": r"scm|ftp",
}
"""Microsoft Learn, "Naming rules and restrictions for Azure resources". These are for the last part of a name."""
_NAMED_BY_AZURE = {
    ROLE_ASSIGNMENT,
    "Microsoft.Network/privateDnsZones",
    "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
}
"""Their names are made from what only Azure knows: a principal, or the suffix of a cloud."""

ROLES = {
    (STORAGE, "b7e6dc6d-f1e8-4753-8033-0f276bb0955b"): "Storage Blob Data Owner",
    (STORAGE, "974c5e8b-45b9-4653-ba55-5f855dd0fb88"): "Storage Queue Data Contributor",
    (STORAGE, "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"): "Storage Table Data Contributor",
    (COMPONENTS, "3913510d-42f4-4e42-8a64-420c390055eb"): "Monitoring Metrics Publisher",
    (VAULT, "4633458b-17de-408a-b874-0445c86b69e6"): "Key Vault Secrets User",
}
"""The roles that the app needs, and no others: kind of resource, id of the role (Microsoft Learn, "Azure built-in
roles").
"""

HOST_SETTINGS = frozenset(
    {
        "AzureWebJobsStorage__credential",
        "AzureWebJobsStorage__clientId",
        "AzureWebJobsStorage__blobServiceUri",
        "AzureWebJobsStorage__queueServiceUri",
        "AzureWebJobsStorage__tableServiceUri",
        "APPLICATIONINSIGHTS_CONNECTION_STRING",
        "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
        "AZURE_TOKEN_CREDENTIALS",
        "AZURE_CLIENT_ID",
    }
)
"""The settings of the host and the identity. The plan refuses others, such as FUNCTIONS_WORKER_RUNTIME (Microsoft
Learn, "App settings reference for Azure Functions", Flex Consumption plan deprecations)."""

_SKUS = {
    STORAGE: {"name": "Standard_LRS"},
    "Microsoft.Web/serverfarms": {"name": "FC1", "tier": "FlexConsumption"},
    VAULT: {"family": "A", "name": "standard"},
    "Microsoft.OperationalInsights/workspaces": {"name": "PerGB2018"},
}

_FREQUENCIES = frozenset(
    {"PT1M", "PT5M", "PT10M", "PT15M", "PT30M", "PT45M", "PT1H", "PT2H", "PT3H", "PT4H", "PT5H", "PT6H", "P1D"}
)
_PERIODS = {
    "evaluationFrequency": _FREQUENCIES,
    "windowSize": _FREQUENCIES | {"P2D"},
    "overrideQueryTimeRange": _FREQUENCIES | {"P2D"},
}
"""The values that Azure accepts: Microsoft Learn, "Create or edit a log search alert rule". Its error messages have the
same list.
"""


def faults(snapshot: Snapshot) -> list[str]:
    """Everything that is wrong with a deployment."""
    if not snapshot.resources:
        return [f"nothing would be deployed: {snapshot.log}"]
    checks = (_said, _references, _names, _skus, _roles, _storage, _app, _alerts)
    return list(chain.from_iterable(check(snapshot) for check in checks))


def app_settings(snapshot: Snapshot) -> dict[str, Any]:
    """The app settings, by name."""
    settings: dict[str, Any] = snapshot.one(f"{SITE}/config")["properties"]
    return settings


def known_settings() -> frozenset[str]:
    """The names of the settings that the app, its host or its identity read."""
    secrets = {source.secret_setting for source in SOURCES.values() if source.signature}
    notices = {str(each.metadata["name"]) for each in fields(NoticeSettings)}
    read = setting_names((ROOT / "shared" / "settings.py").read_text()) - {SECRET_PREFIX, NOTIFY_PREFIX}
    return HOST_SETTINGS | secrets | notices | read


def _said(snapshot: Snapshot) -> Iterator[str]:
    yield from filter(None, snapshot.log.splitlines())


def _references(snapshot: Snapshot) -> Iterator[str]:
    """Ids that name neither a deployed nor an existing resource."""
    subnets = (
        f"{network['id']}/subnets/{subnet['name']}"
        for network in snapshot.of_type("Microsoft.Network/virtualNetworks")
        for subnet in network["properties"]["subnets"]
    )
    known = {resource["id"] for resource in snapshot.resources} | TAKEN_IN | set(subnets)
    # The app and its function exist when the alert is deployed.
    known |= {
        id_ for id_ in _ids(snapshot.resources) if re.search(r"/sites/func-contoso(/functions/take_payload)?$", id_)
    }
    roles = f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/"
    for id_ in sorted(_ids(snapshot.resources) - known):
        if not id_.startswith(roles):
            yield f"nothing is deployed with the id {id_}"


def _ids(value: Any) -> set[str]:
    """The resource ids in a value, also in its expressions, without those that only Azure can compute."""
    found = chain.from_iterable(re.findall(r"/subscriptions/[^'\"\s,;]+", text) for text in strings(_properties(value)))
    return {id_ for id_ in found if "/providers/" in id_}


def _properties(resources: Any) -> list[Any]:
    return [{name: part for name, part in each.items() if name != "id"} for each in resources]


def _names(snapshot: Snapshot) -> Iterator[str]:
    for resource in snapshot.resources:
        kind, name = resource["type"], resource["name"]
        if kind in _NAMED_BY_AZURE:
            continue
        if not re.fullmatch(_NAMES[kind], name.rpartition("/")[2]):
            yield f"{kind} can't be called {name}"
        if resource["id"].startswith("["):
            yield f"the id of {kind} {name} is not known before the deployment"


def _skus(snapshot: Snapshot) -> Iterator[str]:
    for kind, sku in _SKUS.items():
        for resource in snapshot.of_type(kind):
            found = resource.get("sku") or resource["properties"].get("sku")
            if found != sku:
                yield f"{kind}: the SKU is {found}"


def _roles(snapshot: Snapshot) -> Iterator[str]:
    if not snapshot.of_type(SITE):
        return
    assigned = {_role(assignment) for assignment in snapshot.of_type(ROLE_ASSIGNMENT)}
    yield from (f"the app lacks {ROLES[missing]}" for missing in sorted(ROLES.keys() - assigned))
    yield from (f"the app does not need role {role} on {kind}" for kind, role in sorted(assigned - ROLES.keys()))


def _role(assignment: Resource) -> tuple[str, str]:
    """The resource that a role is assigned on, and the role's id."""
    scope = re.search(r"^\[extensionResourceId\('[^']+/providers/([^/]+/[^/]+)/[^/']+'", assignment["id"])
    assert scope is not None, f"a role that is assigned on more than a resource: {assignment['id']}"
    return scope[1], assignment["properties"]["roleDefinitionId"].rpartition("/")[2]


def _storage(snapshot: Snapshot) -> Iterator[str]:
    for account in snapshot.of_type(STORAGE):
        properties = account["properties"]
        if any(properties.get(door) is not False for door in ("allowSharedKeyAccess", "allowBlobPublicAccess")):
            yield "storage opens to a key, or to anybody"
        is_private = bool(snapshot.of_type("Microsoft.Network/privateEndpoints"))
        if properties["publicNetworkAccess"] != ("Disabled" if is_private else "Enabled"):
            yield f"storage is reached from outside: {properties['publicNetworkAccess']}"
        yield from _differences("queue", snapshot.of_type(f"{STORAGE}/queueServices/queues"), queues())
        yield from _differences("table", snapshot.of_type(f"{STORAGE}/tableServices/tables"), tables())


def _differences(kind: str, deployed: list[Resource], named: frozenset[str]) -> Iterator[str]:
    names = {resource["name"].rpartition("/")[2] for resource in deployed}
    yield from (f"the app names the {kind} {name}, which is not deployed" for name in sorted(named - names))
    yield from (f"the {kind} {name} is deployed, but the app does not name it" for name in sorted(names - named))


def _app(snapshot: Snapshot) -> Iterator[str]:
    for site in snapshot.of_type(SITE):
        storage = site["properties"]["functionAppConfig"]["deployment"]["storage"]
        authentication = storage["authentication"]
        if authentication["type"] != "UserAssignedIdentity":
            yield f"the package is read by {authentication['type']}"
        if authentication["userAssignedIdentityResourceId"] not in site["identity"]["userAssignedIdentities"]:
            yield "the package is read by an identity that the app has not"
        container = snapshot.one(f"{STORAGE}/blobServices/containers")["name"].rpartition("/")[2]
        if f"'{container}'" not in storage["value"]:
            yield f"the package is looked for in {storage['value']}"
        settings = app_settings(snapshot)
        unknown = settings.keys() - known_settings()
        yield from (f"neither the app nor its host knows the setting {name}" for name in sorted(unknown))
        yield from (f"the host needs {name}" for name in sorted(HOST_SETTINGS - settings.keys()))
        for name, value in settings.items():
            if not isinstance(value, str):
                yield f"the setting {name} is no text"


def _alerts(snapshot: Snapshot) -> Iterator[str]:
    for rule in snapshot.of_type(RULE):
        for name, periods in _PERIODS.items():
            period = rule["properties"].get(name)
            if period is not None and period not in periods:
                yield f"{rule['name']}: Azure takes no {name} of {period}"
        if len(rule["properties"]["scopes"]) != 1:
            yield f"{rule['name']}: Azure takes one scope"
    for group in snapshot.of_type(ACTION_GROUP):
        if len(group["properties"]["groupShortName"]) > 12:
            yield f"{group['name']}: Azure takes no short name of more than 12 characters"
