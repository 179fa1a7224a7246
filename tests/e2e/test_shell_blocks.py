"""The shell blocks of README and docs work when pasted in order. Those that cannot run here are listed.

A block is fenced as sh, or is indented and begins like a command.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from local.parts.environment import REPOSITORY, environment
from tests.e2e.hosts import chosen_host

if TYPE_CHECKING:
    from pathlib import Path

PAGES: Final = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]

PASTED: Final = {
    "docs/local.md": ["started/first_cycle_running", '"tookEffect": true', "Ended: 1 of 1."],
    "docs/senders/README.md": [],
}
"""Pages whose blocks are pasted into one shell, in order, and texts that the output must contain."""

NOT_RUN: Final = {
    r"^\s*(az|azd)\b|\$\((az|azd)\b": "needs an Azure subscription",
    r"infra/(grant-graph-permission|connect-alerts)": "needs a tenant; tests/infra runs it with a stand-in for az",
    r"^func start": "needs Azure Functions Core Tools",
    r"<<'JSON'": "runs in test_senders.py",
    r"^make (demo|serve|test|e2e|chaos|load|fuzz|bench|setup|lint|msgraph|picture|audit)\b": "is a target by itself",
    r"^make send SOURCE=\S+ FILE=[a-z]+\.json": "sends a file of the reader's; another block sends one of ours",
    r"^git clone": "is how the reader came here",
    r"^body='\{": "signs by hand; test_signed_senders.py sends the same",
    r"\"\$URL/api": "goes to the reader's own app; other tests send the same",
    r"^(pip|npm) install|requests\.get|read_status\.py": "needs storage in Azure",
}
"""Blocks that are not pasted, by one of their lines, and why."""

_COMMAND: Final = re.compile(
    r"(\$ )?(az|azd|curl|echo|export|func|git|jq|make|npm|pip|python3?|zip|\.venv/\S+|[a-z]+=\S+)( |$)"
)


def shell_blocks(page: str) -> list[str]:
    """The blocks of a page in Markdown, in order."""
    blocks = []
    for fence, fenced, indented in re.findall(
        r"(?ms)^ *```(\w*)\n(.*?)^ *```|((?:^ {4}[^\n]*\n(?:\n(?= {4}))?)+)", page
    ):
        text = "\n".join(line.removeprefix("    ") for line in indented.splitlines()) if indented else fenced
        if fence in {"sh", "bash", "shell", "console"} or (indented and _COMMAND.match(text)):
            blocks.append(text.strip())
    return blocks


def _reason(block: str) -> str | None:
    return next((reason for line, reason in NOT_RUN.items() if re.search(line, block, re.MULTILINE)), None)


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(REPOSITORY))) for page in PAGES])
def test_each_block_is_pasted_or_says_why_not(page: Path) -> None:
    pasted = str(page.relative_to(REPOSITORY)) in PASTED

    assert [block for block in shell_blocks(page.read_text()) if not pasted and _reason(block) is None] == []


def test_blocks_are_found_however_they_are_written() -> None:
    page = 'Text\n\n    make demo\n\n    and more\n\n    {"no": 1}\n\n```sh\ncurl x\n```\n\n```json\n{}\n```\n'

    assert shell_blocks(page) == ['make demo\n\nand more\n\n{"no": 1}', "curl x"]


@pytest.mark.skipif(not (shutil.which("curl") and shutil.which("jq")), reason="curl or jq is missing")
def test_blocks_work_as_pasted(tmp_path: Path) -> None:
    for each in REPOSITORY.iterdir():
        if each.name not in {".git", "ready.json", "settings.json", "local.settings.json"}:
            (tmp_path / each.name).symlink_to(each)
    blocks = [
        block for page in PASTED for block in shell_blocks((REPOSITORY / page).read_text()) if _reason(block) is None
    ]
    script = "\n".join(["set -e -o pipefail", "trap 'kill $(jobs -p); wait' EXIT", *blocks])

    run = subprocess.run(  # noqa: S603 - commands of the pages
        ["/bin/bash", "-c", script.replace("curl ", "curl -sS --fail-with-body ")],
        cwd=tmp_path,
        # Use installed packages as they are.
        env={**environment(), **chosen_host(), "MAKEFLAGS": " -- SET_UP=true", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert run.returncode == 0, run.stderr[-3000:]
    for text in (text for texts in PASTED.values() for text in texts):
        assert text in run.stdout
