"""What a cold start imports: an instance that only takes requests in does without the slow modules."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SLOW = {
    "requests": "0.06 s",
    "azure.identity": "0.09 s",
    "azure.data.tables": "0.02 s on top of the two above",
    "azure.core": "what the two above have in common",
}
"""Modules that the intake path must not import, and what each costs at a cold start."""

REPOSITORY = Path(__file__).parents[2]


def imported_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter holds after the statement."""
    code = f"import json, sys\n{statement}\nprint(json.dumps(list(sys.modules)))"
    done = subprocess.run(  # noqa: S603 - the statements below
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, check=True, text=True, timeout=60
    )
    return set(json.loads(done.stdout))


def test_indexing_the_app_imports_no_slow_module() -> None:
    assert imported_by("import function_app") & SLOW.keys() == set()


@pytest.mark.parametrize("module", ["shared.intake", "shared.message", "shared.status_event"])
def test_the_intake_path_imports_no_slow_module(module: str) -> None:
    assert imported_by(f"import {module}") & SLOW.keys() == set()


def test_the_queue_functions_do_import_them() -> None:
    assert {"requests", "azure.identity", "azure.data.tables"} <= imported_by("import shared.process")
