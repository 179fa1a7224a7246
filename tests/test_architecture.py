"""The order of the layers: `make lint` enforces it, and CONTRIBUTING.md describes it correctly."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CHECKED = ("shared", "start_job_function", "local", "trials")
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"


def lint(folder: Path) -> str:
    """What import-linter reports about the code in a folder."""
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
    """A copy of the code whose order is enforced."""
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
            id="a layer above",
        ),
        pytest.param(
            "shared/ledger/entry.py",
            "if TYPE_CHECKING:\n    from shared.starting.ending import Ending",
            "shared.ledger is not allowed to import shared.starting",
            id="a layer above, only for types",
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


def layers() -> list[str]:
    """The packages and modules of shared/ from the top down."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (shared,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["shared"])
    return [name for layer in shared for name in layer.split(" | ")]


def section(page: str, heading: str) -> str:
    """The text below a heading, up to the next."""
    return (ROOT / page).read_text().partition(f"\n{heading}\n")[2].partition("\n#")[0]


def defined(file: Path) -> set[str]:
    """The functions and methods of a module by their qualified names."""
    names: set[str] = set()
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{each.name}" for each in node.body if isinstance(each, ast.FunctionDef)}
    return names


def test_the_map_has_the_layers_in_the_order_that_is_checked() -> None:
    first_cells = re.findall(r"(?m)^\| ([^|]+) \|", section("CONTRIBUTING.md", "### The layers of shared/"))[1:]
    assert [name.rstrip("/") for cell in first_cells for name in cell.split(", ")] == layers()


def test_the_path_of_a_job_id_leads_through_functions_that_exist() -> None:
    steps = re.findall(r"(?m)^\d+\. (.+)$", section("CONTRIBUTING.md", "### The path of a job id"))
    named = [pair for step in steps for pair in re.findall(r"([\w/]+\.py) `([\w.]+)`", step)]
    assert len(steps) == 10
    assert len(named) >= len(steps)
    assert [(file, name) for file, name in named if name not in defined(ROOT / file)] == []
