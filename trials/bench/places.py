"""The apps that are compared, each copied to a directory of its own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from local.parts.environment import REPOSITORY
from trials import app_copy

_APPS: Final = Path(__file__).parent / "apps"
EMPTY_APP: Final = _APPS / "empty"
BARE_APP: Final = _APPS / "bare"


def copy_app(directory: Path) -> Path:
    """Copy the app as it is deployed, without bytecode."""
    directory.mkdir()
    app_copy.copy_app(directory)
    return directory


def copy_other_app(app: Path, directory: Path) -> Path:
    """Copy one of the apps to compare with. It has one function on the same queue, and gets the app's host.json."""
    directory.mkdir()
    shutil.copy(app / "function_app.py", directory)
    shutil.copy(REPOSITORY / "host.json", directory)
    return directory
