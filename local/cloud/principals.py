"""Service principals as Graph shows them: one, or a list.

Source: Microsoft Graph reference, "servicePrincipal", "List servicePrincipals".
"""

from collections.abc import Iterable
from typing import Any, Final

from local.cloud.tenant import Principal

LARGEST_PAGE: Final = 999
USUAL_PAGE: Final = 100
_QUERY: Final = frozenset({"$select", "$top", "$skiptoken"})


_PROPERTIES: Final = frozenset(
    {
        "id",
        "accountEnabled",
        "appDisplayName",
        "appId",
        "appRoleAssignmentRequired",
        "displayName",
        "servicePrincipalNames",
        "servicePrincipalType",
        "tags",
    }
)


def selected(names: str | None) -> list[str] | None:
    """The properties that `$select` names, or None for all. Raises ValueError for an unknown property."""
    if names is None:
        return None
    wanted = [name.strip() for name in names.split(",")]
    for name in wanted:
        if name not in _PROPERTIES:
            raise ValueError(
                "Parsing OData Select and Expand failed: Could not find a property named "
                f"'{name}' on type 'microsoft.graph.servicePrincipal'."
            )
    return wanted


def shown(principal: Principal, wanted: list[str] | None) -> dict[str, Any]:
    """The properties of a service principal that `wanted` lists. None selects all of them."""
    properties = {
        "id": principal.object_id,
        "accountEnabled": True,
        "appDisplayName": principal.display_name,
        "appId": principal.app_id,
        "appRoleAssignmentRequired": False,
        "displayName": principal.display_name,
        "servicePrincipalNames": [principal.app_id] if principal.app_id else [],
        "servicePrincipalType": "Application",
        "tags": ["WindowsAzureActiveDirectoryIntegratedApp"],
    }
    return properties if wanted is None else {name: properties[name] for name in wanted}


def check_query(names: Iterable[str]) -> None:
    """Raises ValueError for a query option that is not simulated, such as $filter."""
    if unknown := sorted(set(names) - _QUERY):
        raise ValueError(f"The query option {unknown[0]} is not simulated.")
