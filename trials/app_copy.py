"""A copy of the app, to run it changed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

from local.parts.environment import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

_APP: Final = ("function_app.py", "host.json", "shared", "start_job_function")


def copy_app(directory: Path) -> None:
    """Put what is deployed into a directory, without bytecode."""
    for name in _APP:
        source = REPOSITORY / name
        if source.is_dir():
            shutil.copytree(source, directory / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, directory / name)
