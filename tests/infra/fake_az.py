"""A stand-in for the az CLI: keeps a tenant in the file that FAKE_AZ names, and writes down how it was called.

It answers only the calls that the scripts in infra/ make, in the form in which az answers them; `--query` is
evaluated by jmespath, as az does it.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

import jmespath

GRAPH = "https://graph.microsoft.com/v1.0"
GRAPH_SP = "7d1c1f0e-0000-4000-8000-0000000a0a0a"
ROLES = {
    "Synchronization.ReadWrite.All": "11111111-0000-4000-8000-000000000001",
    "Application.ReadWrite.OwnedBy": "11111111-0000-4000-8000-000000000002",
    "Application.Read.All": "11111111-0000-4000-8000-000000000003",
}
DELEGATED = "22222222-0000-4000-8000-000000000001"
"""A permission of the same name may exist for signed-in people only."""


class Refusal(Exception):
    """az ends with exit code 1 and this text on standard error."""


def main() -> int:
    """Answer one call."""
    file = Path(os.environ["FAKE_AZ"])
    tenant = json.loads(file.read_text())
    tenant["calls"].append(sys.argv[1:])
    try:
        value = _answer(tenant, *_split(sys.argv[1:]))
    except Refusal as refusal:
        sys.stderr.write(f"ERROR: {refusal}\n")
        return 1
    finally:
        file.write_text(json.dumps(tenant))
    _write(value)
    return 0


def _split(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """The command, and its options; of an option with several values the values stand in one text."""
    command: list[str] = []
    options: dict[str, str] = {}
    name = ""
    for argument in arguments:
        if argument.startswith("--"):
            name = argument
            options[name] = ""
        elif name:
            options[name] = f"{options[name]} {argument}".strip()
        else:
            command.append(argument)
    return " ".join(command), options


def _answer(tenant: dict[str, Any], command: str, options: dict[str, str]) -> Any:
    match command:
        case "account show":
            if tenant["refuses"] == "all":
                raise Refusal("Please run 'az login' to setup account.")
            return {"name": "Contoso"}
        case "cloud show":
            return {"endpoints": {"microsoftGraphResourceId": "https://graph.microsoft.com/"}}
        case "ad sp show":
            roles = [{"value": name, "id": id_, "allowedMemberTypes": ["Application"]} for name, id_ in ROLES.items()]
            delegated = {"value": "Application.Read.All", "id": DELEGATED, "allowedMemberTypes": ["User"]}
            return {"id": GRAPH_SP, "appRoles": [delegated, *roles]}
        case "rest":
            return _graph(tenant, options)
        case "functionapp function show":
            tenant["patience"] -= 1
            if tenant["patience"] >= 0:
                raise Refusal("(NotFound) Function not found")
            return {"name": options["--function-name"]}
        case "functionapp function keys list":
            return tenant["keys"]
        case "functionapp function keys set":
            tenant["keys"][options["--key-name"]] = f"key-{len(tenant['calls'])}"
            return {"name": options["--key-name"], "value": None}
        case "resource show":
            return {"location": "westeurope"}
        case "deployment group create":
            return {"properties": {"provisioningState": "Succeeded"}}
    raise AssertionError(f"the scripts have not called az {command} so far")


def _graph(tenant: dict[str, Any], options: dict[str, str]) -> Any:
    path = options["--uri"].removeprefix(GRAPH)
    if tenant["refuses"] == "all" or (tenant["refuses"] == "writes" and options["--method"] == "post"):
        raise Refusal('Forbidden({"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges"}})')
    if found := re.fullmatch(r"/servicePrincipals/([\w-]+)/appRoleAssignments", path):
        assignments = tenant["assignments"].setdefault(found[1], [])
        if options["--method"] == "post":
            assignment = json.loads(options["--body"])
            assert assignment["principalId"] == found[1]
            assignments.append({"id": f"assignment-{len(assignments)}", **assignment})
        return {"value": assignments}
    if found := re.fullmatch(r"/servicePrincipals/([\w-]+)/owners(\?\$select=id|/\$ref)", path):
        owners = tenant["owners"].setdefault(found[1], [])
        if options["--method"] == "post":
            owners.append({"id": json.loads(options["--body"])["@odata.id"].removeprefix(f"{GRAPH}/directoryObjects/")})
        return {"value": owners}
    raise AssertionError(f"Graph was not called so far for {path}")


def _write(value: Any) -> None:
    query = dict(zip(sys.argv, sys.argv[1:], strict=False)).get("--query")
    if query:
        value = jmespath.search(query, value)
    if "none" in sys.argv or value is None:
        return
    sys.stdout.write(f"{value}\n" if isinstance(value, str) else f"{json.dumps(value)}\n")


if __name__ == "__main__":
    sys.exit(main())
