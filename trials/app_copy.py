"""Copies the app, to run a changed version."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from local.parts.environment import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_APP: Final = ("function_app.py", "host.json", "shared", "start_job_function")

_SETTINGS: Final = "shared/settings.py"
_BESIDE_GRAPH: Final = "BESIDE_GRAPH = 45.0\n"


def copy_app(directory: Path) -> None:
    """Copy what is deployed into a directory, without bytecode."""
    for name in _APP:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, directory / name)


def allow_short_leases(directory: Path) -> None:
    """Let JOB_LEASE be seconds in a copy. On loopback, a start takes only as long as Graph does."""
    settings = directory / _SETTINGS
    text = settings.read_text(encoding="utf-8")
    assert _BESIDE_GRAPH in text, f"{_SETTINGS} no longer has: {_BESIDE_GRAPH}"  # noqa: S101 - checks the code
    settings.write_text(text.replace(_BESIDE_GRAPH, "BESIDE_GRAPH = 5.0\n"), encoding="utf-8")
