"""The deployments that the tests evaluate. The names of their environments are as unusual as azd allows."""

from __future__ import annotations

from typing import Final

from tests.infra.bicep import LOCATION, SUBSCRIPTION, Variant, choices_of_the_parameters_file

WORKSPACE: Final = (
    f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/log"
)
AUDIT_LOGS: Final = f"{WORKSPACE}-audit"
TAKEN_IN: Final = frozenset({WORKSPACE, AUDIT_LOGS})
"""Resources that the variants use but do not create."""

_NEEDED = {"AZURE_ENV_NAME", "AZURE_LOCATION"}
_LONG = "Contoso_(start.jobs)-0123456789-0123456789-0123456789-012345678."
assert len(_LONG) == 64


def _main(name: str, **choices: str) -> Variant:
    return Variant(choices={"AZURE_ENV_NAME": name, "AZURE_LOCATION": LOCATION, **choices})


def alert(workspace: str) -> Variant:
    """The alert that connect-alerts deploys, on a workspace."""
    given = {
        "functionAppName": "func-contoso",
        "functionName": "take_payload",
        "keyName": "azure-monitor",
        "workspaceId": workspace,
        "location": LOCATION,
    }
    return Variant("quarantine-alert.bicep", parameters={name: f"'{value}'" for name, value in given.items()})


_MAIL = {"OPERATOR_EMAILS": "ops@contoso.com, ops@contoso.com,,oncall@contoso.com ,"}
_SENDERS = {"WEBHOOK_SOURCES": "PagerDuty,jira, jira,,zendesk,generic,standard-webhooks,"}
_GUARDS = {
    "WATCH": "allowed",
    "WATCH_SCHEDULE": "0 0 * * * *",
    "HELD_REASONS": "too_many_deletes",
    "ALLOWED_SERVICE_PRINCIPALS": "a4d1c6f0-52b7-4c63-9d0a-6b0e7f3a1d01",
}
_TARGETS = {
    "NOTIFY_TARGETS": "Teams,slack, slack,,slack-thread,webhook,jira,servicenow,zendesk,freshservice,pagerduty,"
}
_WORKSPACES = {"WORKSPACE_ID": WORKSPACE, "AUDIT_LOGS_WORKSPACE_ID": AUDIT_LOGS}

VARIANTS: Final = {
    # Every variable is set but blank, as azd keeps a cleared one.
    "default": _main(
        "a", **dict.fromkeys(choices_of_the_parameters_file() - {"AZURE_ENV_NAME", "AZURE_LOCATION"}, " ")
    ),
    "network": _main("x.", VIRTUAL_NETWORK="true"),
    "e-mails": _main("0", **_MAIL),
    "senders": _main("(x)_y", **_SENDERS, **_GUARDS),
    "targets": _main("t", **_TARGETS, REQUEST_STATUS="true"),
    "own workspaces": _main("-", **_WORKSPACES),
    "everything": _main(
        _LONG,
        **_MAIL,
        **_SENDERS,
        **_TARGETS,
        **_WORKSPACES,
        AZURE_RESOURCE_GROUP="rg-of-somebody",
        GRAPH_ENDPOINT="https://graph.microsoft.us",
        GRAPH_VERSION="beta",
        ALLOWED_SERVICE_PRINCIPALS="6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11",
        WATCH="all",
        WATCH_SCHEDULE="0 */5 * * * *",
        HELD_REASONS="none",
        REQUEST_STATUS="true",
        MORE_SETTINGS='{"START_LIMIT": "5"}',
        VIRTUAL_NETWORK="True",
        ALWAYS_READY_HTTP="1",
        ALWAYS_READY_QUEUE="2",
        MAXIMUM_INSTANCE_COUNT="100",
        INSTANCE_MEMORY_MB="512",
    ),
    "a group only": Variant("resources.bicep", parameters={"environmentName": "'a'"}),
    "alert": alert(AUDIT_LOGS),
}
