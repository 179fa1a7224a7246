"""`make lint` holds the order of the rooms: an import from a lower room into a higher one does not pass."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKED = ("shared", "start_job_function", "local", "trials")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(folder: Path) -> str:
    """What import-linter says of the code in a folder."""
    done = subprocess.run(  # noqa: S603 - the linter's own entry point
        [sys.executable, "-c", LINT, "--no-cache", "--no-logo"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode in (0, 1), done.stderr
    assert (done.returncode == 0) == ("0 broken" in done.stdout), done.stdout
    return " ".join(done.stdout.split())


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the code that has an order."""
    for name in CHECKED:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "added", "named"),
    [
        pytest.param(
            "shared/ledger/entry.py",
            "from shared.starting.ending import Ending",
            "shared.ledger is not allowed to import shared.starting",
            id="a room above",
        ),
        pytest.param(
            "shared/ledger/entry.py",
            "if TYPE_CHECKING:\n    from shared.starting.ending import Ending",
            "shared.ledger is not allowed to import shared.starting",
            id="a room above, for types alone",
        ),
        pytest.param(
            "shared/text.py",
            "from start_job_function import bindings",
            "shared is not allowed to import start_job_function",
            id="a trigger",
        ),
        pytest.param(
            "shared/starting/verdict.py",
            "from shared.starting import start_job",
            "No cycles are allowed",
            id="a circle",
        ),
    ],
)
def test_an_import_against_the_order_does_not_pass(copy: Path, file: str, added: str, named: str) -> None:
    module = copy / file
    module.write_text(f"{module.read_text()}\n{added}\n")
    assert named in lint(copy)


def test_the_code_as_it_is_passes(copy: Path) -> None:
    assert "3 kept, 0 broken" in lint(copy)
