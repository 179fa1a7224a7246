"""The programs that tests put on PATH."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from tests.programs import write_program

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_a_program_runs_if_the_repository_is_in_a_path_with_a_space(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "a b"
    folder.mkdir()
    python = folder / "python"
    python.write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    program = folder / "program"
    write_program(program, "import sys; print(sys.argv[1:])")
    run = subprocess.run([program, "x y"], capture_output=True, text=True, check=True)  # noqa: S603 - a program of this test
    assert run.stdout == "['x y']\n"
