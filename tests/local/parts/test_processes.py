"""Child processes: the parent waits for their start, and none of them outlives it."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from local.parts.azurite import NODE
from local.parts.environment import REPOSITORY
from local.parts.processes import ChildProcess, ProcessFailed

if TYPE_CHECKING:
    from pathlib import Path


def _python(code: str, log: Path) -> ChildProcess:
    return ChildProcess("child", [sys.executable, "-c", code], log=log)


def test_child_is_ready_with_the_line_that_says_so(tmp_path: Path) -> None:
    with _python("import time; print('a'); print('ready 7', flush=True); time.sleep(60)", tmp_path / "log") as child:
        assert child.read_until("ready", timeout=30) == "ready 7"
        assert child.is_running
    assert not child.is_running


def test_child_that_ends_early_fails_with_its_code_and_what_it_logged(tmp_path: Path) -> None:
    child = _python("import sys; sys.exit('because of this')", tmp_path / "log")

    with pytest.raises(ProcessFailed, match="ended with code 1 before it was ready: because of this"):
        child.read_until("ready", timeout=30)


def test_child_that_is_not_ready_in_time_is_ended(tmp_path: Path) -> None:
    child = _python("import time; time.sleep(60)", tmp_path / "log")

    with pytest.raises(ProcessFailed, match=r"not ready after 0\.1 s"):
        child.read_until("ready", timeout=0.1)
    assert not child.is_running


def test_child_that_does_not_stop_is_made_to(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
    )
    child = _python(code, tmp_path / "log")
    child.read_until("ready", timeout=30)

    child.stop(grace=0.1)

    assert not child.is_running


def test_node_program_ends_when_its_stdin_does() -> None:
    program = "console.log('ready'); setInterval(() => {}, 1000)"
    script = str(REPOSITORY / "local" / "parts" / "exit_with_parent.js")
    with subprocess.Popen(  # noqa: S603 - Node itself
        [str(NODE), "--require", script, "--eval", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as node:
        assert node.stdin is not None
        assert node.stdout is not None
        assert node.stdout.readline() == "ready\n"

        node.stdin.close()

        assert node.wait(timeout=30) != 0
