"""A stand-in for the az CLI: keeps a tenant in the file that FAKE_AZ names, and records its calls.

It answers only the calls that the scripts in infra/ make, in the form in which az answers them. jmespath evaluates
`--query`, as in az.
"""

from __future__ import annotations

import json
import os
import re
import sys
import zlib
from pathlib import Path
from typing import Any

import jmespath

GRAPH = "https://graph.microsoft.com/v1.0"
SUBSCRIPTION = "3c0f4a9e-58a1-4b5e-9a52-0d9c1e7f4a00"
GRAPH_SP = "7d1c1f0e-0000-4000-8000-0000000a0a0a"
ROLES = {
    "Synchronization.ReadWrite.All": "11111111-0000-4000-8000-000000000001",
    "Application.ReadWrite.OwnedBy": "11111111-0000-4000-8000-000000000002",
    "Application.Read.All": "11111111-0000-4000-8000-000000000003",
}
DELEGATED = "22222222-0000-4000-8000-000000000001"
"""A permission of the same name may exist only for signed-in users."""


RULES = "microsoft.insights/scheduledqueryrules"
GROUPS = "Microsoft.Insights/actiongroups"


class Refusal(Exception):
    """Makes az end with this text on standard error."""


def main() -> int:
    """Answer one call."""
    file = Path(os.environ["FAKE_AZ"])
    tenant = json.loads(file.read_text())
    tenant["calls"].append(sys.argv[1:])
    tenant["environment"] = {name: value for name, value in os.environ.items() if name.startswith("MSYS")}
    command, options = _split(sys.argv[1:])
    try:
        _fail_as_told(tenant, command)
        value = _answer(tenant, command, options)
    except Refusal as refusal:
        sys.stderr.write(f"ERROR: {refusal}\n")
        # The codes of az: 2 for a command line that it does not understand, 3 if something is missing.
        return 2 if "misspelled" in str(refusal) else 3 if "NotFound" in str(refusal) else 1
    finally:
        file.write_text(json.dumps(tenant))
    _write(value, end="\r\n" if tenant["windows"] else "\n")
    return 0


def _fail_as_told(tenant: dict[str, Any], command: str) -> None:
    """Fail with the next of the errors that the test has set for the command."""
    if laid_up := tenant["errors"].get(command):
        raise Refusal(laid_up.pop(0))


def _split(arguments: list[str]) -> tuple[str, dict[str, str]]:
    """The command and its options. Several values of an option are joined into one text."""
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
    group, _, verb = command.rpartition(" ")
    match group:
        case "resource":
            return _resources(tenant, verb, options)
        case "functionapp function keys":
            return _function_keys(tenant, verb, options)
    match command:
        case "cloud show":
            return {"endpoints": {"microsoftGraphResourceId": "https://graph.microsoft.com/"}}
        case "ad sp show":
            roles = [{"value": name, "id": id_, "allowedMemberTypes": ["Application"]} for name, id_ in ROLES.items()]
            delegated = {"value": "Application.Read.All", "id": DELEGATED, "allowedMemberTypes": ["User"]}
            return {"id": GRAPH_SP, "appRoles": [delegated, *roles]}
        case "rest" if "/host/default/sync?" in options["--uri"]:
            assert options["--method"] == "post"
            tenant["syncs needed"] -= 1
            return {"status": "success"}
        case "rest":
            return _graph(tenant, options)
        case "functionapp function show":
            if tenant["syncs needed"] > 0:
                # What az does if the SDK returns nothing (azure-cli 2.91, appservice/custom.py), with exit code 0.
                return f"Function '{options['--function-name']}' does not exist in app '{options['--name']}'"
            return {"name": f"{options['--name']}/{options['--function-name']}"}
        case "deployment group create":
            return _deploy_alert(tenant, options)
    raise AssertionError(f"the scripts have not called az {command} so far")


def _resources(tenant: dict[str, Any], verb: str, options: dict[str, str]) -> Any:
    match verb:
        case "show" if "--ids" in options:
            return {"id": options["--ids"], "location": "westeurope"}
        case "show":
            kind, name, group = options["--resource-type"], options["--name"], options["--resource-group"]
            return {"id": _resource(group, kind, name)}
        case "list":
            return [{"id": id_, "name": id_.rpartition("/")[2]} for id_ in tenant["resources"]]
        case "delete":
            for id_ in options["--ids"].split():
                del tenant["resources"][id_]
            return None
    raise AssertionError(f"the scripts have not called az resource {verb} so far")


def _function_keys(tenant: dict[str, Any], verb: str, options: dict[str, str]) -> Any:
    match verb:
        case "list":
            return tenant["keys"]
        case "set":
            tenant["keys"][options["--key-name"]] = f"key-{len(tenant['calls'])}"
            return {"name": options["--key-name"], "value": None}
    raise AssertionError(f"the scripts have not called az functionapp function keys {verb} so far")


def _resource(group: str, kind: str, name: str) -> str:
    return f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{kind}/{name}"


def _deploy_alert(tenant: dict[str, Any], options: dict[str, str]) -> Any:
    """Deploy an action group, and a rule whose name depends on the workspace."""
    assert Path(options["--template-file"]).is_file()
    given = dict(re.findall(r"(\w+)=(\{.*\}|\S+)", options["--parameters"]))
    app, workspace = given["functionAppName"], given["workspaceId"]
    rule = f"alert-quarantine-{app}-{zlib.crc32(workspace.lower().encode()):x}"
    id_ = _resource(options["--resource-group"], RULES, rule)
    tenant["resources"] |= {id_: workspace, _resource(options["--resource-group"], GROUPS, f"ag-start-{app}"): app}
    return {"properties": {"provisioningState": "Succeeded", "outputs": {"ruleName": {"value": rule}}}}


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


def _write(value: Any, end: str) -> None:
    query = dict(zip(sys.argv, sys.argv[1:], strict=False)).get("--query")
    if query:
        value = jmespath.search(query, value)
    if "none" in sys.argv or value is None:
        return
    lines = value if isinstance(value, list) else [value]
    sys.stdout.write("".join(f"{line if isinstance(line, str) else json.dumps(line)}{end}" for line in lines))


if __name__ == "__main__":
    sys.exit(main())
