"""The pages of docs/, checked against the code that they describe."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from shared.outcome import Reason
from tests.infra.app_source import ROOT, app_sources, log_lines
from tests.infra.bicep import INFRA, choices_of_the_parameters_file
from tests.infra.pages import broken_links, first_column, rows

if TYPE_CHECKING:
    from collections.abc import Set as AbstractSet
    from pathlib import Path

DOCS = ROOT / "docs"
TROUBLESHOOTING = (DOCS / "troubleshooting.md").read_text()
DEPLOYING = (DOCS / "deploying.md").read_text()
PAGES = [
    *sorted(DOCS.rglob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "CHANGELOG.md",
]


def differences(told: AbstractSet[object], true: AbstractSet[object]) -> list[str]:
    """What a page leaves out, and what it says that is not true."""
    return sorted([f"{name} has no row" for name in true - told] + [f"{name} is no more" for name in told - true])


def test_every_reason_has_a_row_under_its_outcome() -> None:
    told = {(row[0].strip("`"), row[1]) for row in rows(TROUBLESHOOTING, "Reasons")}
    assert differences(told, {(reason.value, reason.outcome.value) for reason in Reason}) == []


def test_every_log_line_of_warning_or_above_has_a_row() -> None:
    written = {line.event for line in log_lines(app_sources()) if line.is_warning}
    assert differences(first_column(TROUBLESHOOTING, "Log lines"), written) == []


def test_every_choice_of_the_parameters_file_has_a_row() -> None:
    choices = choices_of_the_parameters_file() | {"QUARANTINE_ALERT"}
    assert differences(first_column(DEPLOYING, "Choices"), choices) == []


def test_every_assigned_role_is_documented() -> None:
    roles = {name for name in json.loads((INFRA / "roles.json").read_text()) if not name.startswith("$")}
    page = (DOCS / "security.md").read_text()
    assert [role for role in roles if role not in page] == []


def test_every_variable_that_a_script_needs_comes_out_of_the_template() -> None:
    outputs = set(re.findall(r"(?m)^output (\w+)", (INFRA / "main.bicep").read_text()))
    needed = " ".join(re.findall(r"needed\+?=\(([A-Z_ ]+)\)", (INFRA / "connect-alerts").read_text())).split()
    assert len(needed) == 3
    assert {*needed, "IDENTITY_PRINCIPAL_ID"} <= outputs


def shell_lines(page: str) -> str:
    """The commands of a page."""
    return "\n".join(re.findall(r"(?ms)^ *```sh\n(.+?)^ *```$", page))


def test_values_of_azd_come_into_the_shell_with_all_that_is_in_them(tmp_path: Path) -> None:
    """Bash 3.2 of macOS reads nothing from `source <(…)`."""
    (line,) = (line for line in shell_lines(DEPLOYING).splitlines() if "azd env get-values" in line)
    assert "<(" not in line
    azd = tmp_path / "azd"
    azd.write_text('#!/bin/sh\ncat <<\'VALUES\'\nA="x y"\nMORE_SETTINGS="{\\"START_LIMIT\\":\\"5\\"}"\nVALUES\n')
    azd.chmod(0o755)
    said = subprocess.run(  # noqa: S603 - a line of a page
        ["/usr/bin/env", "bash", "-ec", f"{line.strip()}; printenv A MORE_SETTINGS"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert said.splitlines() == ["x y", '{"START_LIMIT":"5"}']


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_exist(page: Path) -> None:
    assert broken_links(page) == []


def test_logic_app_is_a_workflow_whose_actions_follow_each_other() -> None:
    workflow = json.loads((DOCS / "examples" / "logic-app.json").read_text())["definition"]
    actions = workflow["actions"]
    assert all(before in actions for action in actions.values() for before in action["runAfter"])
    used = set(re.findall(r"parameters\('([^']+)'\)", json.dumps(workflow)))
    assert used == workflow["parameters"].keys()


def test_a_row_that_is_missing_or_left_over_is_named() -> None:
    assert differences({"a", "b"}, {"b", "c"}) == ["a is no more", "c has no row"]


def test_a_table_is_read_row_by_row() -> None:
    page = "# A\n\n| x |\n|---|\n| `no` |\n\n## B\n\n| x | y |\n|---|---|\n| `a`, `b` | 1 |\n| `c` | `2` |\n\n# C\n"
    assert rows(page, "B") == [["`a`, `b`", "1"], ["`c`", "`2`"]]
    assert first_column(page, "B") == {"a", "b", "c"}


def test_a_broken_link_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# A Heading: `x`\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[a](there.md) [b](there.md#a-heading-x) [c](gone.md) [d](there.md#gone) [e](https://contoso.com)\n"
    )
    assert broken_links(page) == ["gone.md", "there.md#gone"]
