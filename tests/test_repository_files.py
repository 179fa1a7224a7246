"""The files for editors and GitHub can be parsed, and what they name exists.

Nothing here runs them: neither the workflow nor the dev container has been tried.
"""

from __future__ import annotations

import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
TARGETS = set(re.findall(r"(?m)^([a-z0-9-]+):", (ROOT / "Makefile").read_text()))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
FORMS = [file for file in sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml")) if file.name != "config.yml"]
FIELDS = {"markdown", "textarea", "input", "dropdown", "checkboxes"}


def parsed(file: Path) -> Any:
    return yaml.safe_load(file.read_text()) if file.suffix == ".yml" else json.loads(file.read_text())


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_runs_targets_and_files_that_exist(workflow: Path) -> None:
    content = parsed(workflow)
    assert content["permissions"] == {"contents": "read"}
    commands = [step["run"] for step in steps(content) if "run" in step]
    assert {name for command in commands for name in re.findall(r"make (\w+)", command)} <= TARGETS
    files = [name for command in commands for name in re.findall(r"(?:local|infra)/[\w./]+", command)]
    assert [name for name in files if not (ROOT / name).exists()] == []
    assert [step for step in steps(content) if not re.fullmatch(r"[\w/-]+@v\d+", step.get("uses", "a/b@v1"))] == []


def test_the_tests_that_a_change_must_pass_are_run() -> None:
    commands = [step.get("run") for workflow in WORKFLOWS for step in steps(parsed(workflow))]
    assert "make test" in commands


@pytest.mark.parametrize("form", FORMS, ids=lambda file: file.name)
def test_an_issue_form_has_fields_with_labels(form: Path) -> None:
    content = parsed(form)
    assert content["name"]
    assert content["description"]
    assert {field["type"] for field in content["body"]} <= FIELDS
    asked = [field for field in content["body"] if field["type"] != "markdown"]
    assert len({field["id"] for field in asked}) == len(asked)
    assert all(field["attributes"]["label"] for field in asked)


def test_an_issue_about_a_fault_asks_for_the_event() -> None:
    body = parsed(ROOT / ".github" / "ISSUE_TEMPLATE" / "wrong.yml")["body"]
    (event,) = (field for field in body if field.get("id") == "event")
    assert event["validations"]["required"] is True


def test_dependabot_looks_where_dependencies_are() -> None:
    updates = parsed(ROOT / ".github" / "dependabot.yml")["updates"]
    npm = {str(file.parent.relative_to(ROOT)) for file in ROOT.glob("**/package.json")}
    # Installed packages are in folders whose names begin with a dot.
    npm = {folder for folder in npm if "node_modules" not in folder and not folder.startswith(".")}
    (told,) = (update["directories"] for update in updates if update["package-ecosystem"] == "npm")
    assert {folder.removeprefix("/") for folder in told} == npm
    assert {update["package-ecosystem"] for update in updates} == {"pip", "npm", "github-actions"}


def test_the_editor_starts_modules_that_exist() -> None:
    launched = parsed(ROOT / ".vscode" / "launch.json")["configurations"]
    assert {each["request"] for each in launched} == {"launch", "attach"}
    assert [each for each in launched if "module" in each and find_spec(each["module"]) is None] == []


def test_the_dev_container_has_the_python_of_the_app() -> None:
    container = parsed(ROOT / ".devcontainer" / "devcontainer.json")
    assert container["image"].endswith(f":{(ROOT / '.python-version').read_text().strip()}")
    assert "make setup" in container["postCreateCommand"]
    recommended = parsed(ROOT / ".vscode" / "extensions.json")["recommendations"]
    assert set(container["customizations"]["vscode"]["extensions"]) <= set(recommended)
