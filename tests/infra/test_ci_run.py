""".ci/run, which CI runs, in a copy with a stand-in for make."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.infra.bicep import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("has_bicep", [True, False])
def test_templates_are_not_skipped_if_the_compiler_is_available(tmp_path: Path, *, has_bicep: bool) -> None:
    """A folder of tools beside the repository is put on PATH. Tests that need Bicep then fail if it is missing."""
    script = tmp_path / "repository" / ".ci" / "run"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", script)
    programs = {"bin/make": "command -v bicep; printenv BICEP_REQUIRED; exit 0"}
    if has_bicep:
        programs["shared/tools/bicep"] = "exit 0"
    for name, text in programs.items():
        program = tmp_path / name
        program.parent.mkdir(parents=True)
        program.write_text(f"#!/bin/sh\n{text}\n")
        program.chmod(0o755)
    environment = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    run = subprocess.run([script], env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - a script of this repository
    assert run.stdout.split() == ([str(tmp_path / "shared/tools/bicep"), "1"] if has_bicep else [])
