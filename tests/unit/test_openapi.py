"""The OpenAPI definitions: up to date with the code, valid, and complete for all routes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from openapi_spec_validator import validate

from schemas.json_schema import HERE
from schemas.openapi import FILES, definition, definition_2, texts

_ROUTES = """
import json
from function_app import app
found = []
for each in app.get_functions():
    for binding in each.get_bindings_dict()["bindings"]:
        if binding["type"] == "httpTrigger":
            found += [[str(method.value), binding["route"]] for method in binding["methods"]]
print(json.dumps(found))
"""


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_the_code_says(name: str) -> None:
    assert (HERE / name).read_text(encoding="utf-8") == texts()[name], "run make openapi"


@pytest.mark.parametrize("made", [definition(), definition_2()], ids=FILES)
def test_the_definition_is_in_order(made: dict[str, Any]) -> None:
    validate(made)
    assert len(json.dumps(made)) < 1_000_000  # the limit of Power Platform
    operations = [operation for item in made["paths"].values() for operation in item.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    assert all(len(operation["summary"]) <= 300 for operation in operations)  # the limit of API Management


def test_every_route_of_the_app_is_in_it_and_no_other() -> None:
    settings = {"STATUS_TABLE": "StartStatus", "STATUS_KEY": "a secret of at least thirty-two characters"}
    done = subprocess.run(  # noqa: S603 - the lines above
        [sys.executable, "-c", _ROUTES],
        cwd=HERE.parent,
        env={"PATH": os.environ["PATH"], **settings},
        capture_output=True,
        check=True,
        text=True,
        timeout=60,
    )
    routes = {(method.lower(), route) for method, route in json.loads(done.stdout)}
    told = {(method, path[1:]) for path, item in definition()["paths"].items() for method in item}
    named = {(method, route.replace("{source}", "{name}").replace("{requestId}", "{name}")) for method, route in routes}
    assert named == told
