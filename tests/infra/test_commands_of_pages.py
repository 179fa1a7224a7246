"""Each az and azd command on a page, checked against its options in cli_options.json."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.app_source import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS: dict[str, dict[str, Any]] = {
    name: known
    for name, known in json.loads((ROOT / "tests" / "infra" / "cli_options.json").read_text()).items()
    if name[0] != "$"
}
EVERYWHERE = {"--output", "--query", "--only-show-errors", "--subscription", "--debug", "--help"}
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
START = re.compile(r"(?:^|[\s(|&;`])((?:az|azd) [a-z][^`]*)")


def lines(page: str) -> Iterator[tuple[str, bool]]:
    """The commands of a page, each in one line, and whether it can be pasted unchanged."""
    fenced = re.findall(r"(?ms)^ *```(?:sh|bash)?\n(.+?)^ *```$", page)
    indented = re.findall(r"(?m)^    (?! *[-*|])(.+)$", re.sub(r"(?ms)^ *```.*?^ *```$", "", page))
    for text in [*fenced, "\n".join(indented)]:
        for line in re.sub(r"\\\n\s*", "", text).splitlines():
            yield line.split(" #")[0], True
    for code in re.findall(r"`(azd? [^`]+)`", re.sub(r"(?ms)^ *```.*?^ *```$", "", page)):
        yield " ".join(code.split()), False


def calls(line: str) -> Iterator[tuple[str | None, list[str]]]:
    """The commands in a line with their options. None for a command that the list does not have."""
    plain = re.sub(r"\"\$\w+\"|'[^']*'", "TEXT", line)
    plain = re.sub(r"\"[^\"]*\"", lambda text: text[0] if "$(" in text[0] else "TEXT", plain)
    for call in START.findall(plain):
        for part in re.split(r" \| |\$\((?=azd? )|\)\"|\)$|&&|;", call):
            words = part.strip().split()
            if not words or words[0] not in ("az", "azd"):
                continue
            names = [" ".join(words[:length]) for length in range(len(words), 1, -1)]
            yield next((name for name in names if name in COMMANDS), None), re.findall(r"(?<=\s)--[a-z-]+", part)


def wrong(page: str) -> list[str]:
    """What is wrong with the commands of a page."""
    found = []
    for line, is_whole in lines(page):
        for name, options in calls(line):
            if name is None:
                found.append(f"not in the list: {line}")
                continue
            known = COMMANDS[name]
            required = set(known.get("required", ()))
            allowed = required | set(known.get("options", ())) | EVERYWHERE
            found += [f"{name} has no {option}" for option in options if option not in allowed]
            if is_whole:
                found += [f"{name} needs {option}: {line}" for option in sorted(required - set(options))]
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_have_the_options_that_they_need_and_no_others(page: Any) -> None:
    assert wrong(page.read_text()) == []


def test_commands_are_found() -> None:
    named = {name for page in PAGES for line, _ in lines(page.read_text()) for name, _ in calls(line)}
    assert len(named) > 25
    assert {"az functionapp function keys set", "az storage message peek", "az keyvault purge", "azd env set"} <= named


def test_a_fault_is_named() -> None:
    page = (
        "```sh\naz functionapp restart --name x \\\n  --force\naz group sync\n```\n\nUse `az group create --size 3`.\n"
    )
    assert wrong(page) == [
        "az functionapp restart has no --force",
        "az functionapp restart needs --resource-group: az functionapp restart --name x --force",
        "not in the list: az group sync",
        "az group create has no --size",
    ]
