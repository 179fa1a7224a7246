"""`python -m local` with something missing: it prints a sentence, never a traceback."""

from __future__ import annotations

import errno
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import requests

from local import commands
from local.parts.environment import REPOSITORY, environment
from local.shell_settings import OF_THE_SYSTEM, is_taken_over, shell_settings
from shared.errors import InvalidSettings

if TYPE_CHECKING:
    from collections.abc import Callable


def _raise(fault: Exception) -> Callable[..., int]:
    def run(**_: object) -> bool:
        raise fault

    return run


def test_without_the_packages_it_says_which_targets_bring_them() -> None:
    run = subprocess.run(
        [sys.executable, "-S", "-m", "local", "send", "pagerduty", "-"],
        cwd=REPOSITORY,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert "make send SOURCE=" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "/a/folder"), "/a/folder: Permission denied"),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (requests.ConnectionError("refused"), "no longer answers"),
    ],
)
def test_fault_of_the_machine_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], fault: Exception, says: str
) -> None:
    monkeypatch.setattr(sys, "argv", ["local", "demo"])
    monkeypatch.setattr(commands, "end_when_told", lambda: None)
    monkeypatch.setattr(commands, "show", _raise(fault))

    assert commands.main() == 1
    assert says in capsys.readouterr().err


def test_every_setting_of_the_readme_can_be_tried_here() -> None:
    """Except those of the local system itself. NOTIFY_… and WEBHOOK_SECRET_… stand for many settings."""
    pages = [
        page.read_text() for page in (REPOSITORY / "README.md", REPOSITORY / "docs" / "settings.md") if page.exists()
    ]
    cells = re.findall(r"(?m)^\| (`[A-Z][^|]+)\|", "\n".join(pages))
    names = {name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)}
    of_the_identity = {"AZURE_TOKEN_CREDENTIALS", "AZURE_CLIENT_ID"}

    assert len(names) > 20
    assert {name for name in names if not is_taken_over(name)} == OF_THE_SYSTEM | of_the_identity
    assert is_taken_over("NOTIFY_TEAMS")
    assert is_taken_over("WEBHOOK_SECRET_JIRA")


def test_setting_that_is_wrong_is_named_before_anything_starts() -> None:
    with pytest.raises(InvalidSettings, match="START_LIMIT"):
        shell_settings({"START_LIMIT": "many"})
