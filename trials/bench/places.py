"""Where the things are that are compared."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from local.parts.environment import REPOSITORY
from trials import app_copy

APP_PYTHON: Final = Path(sys.executable)
MSGRAPH_PYTHON: Final = REPOSITORY / ".venv" / "msgraph" / "bin" / "python"
"""The Python of the virtual environment that `make bench` makes for msgraph-sdk."""

_APPS: Final = Path(__file__).parent / "apps"
EMPTY_APP: Final = _APPS / "empty"
BARE_APP: Final = _APPS / "bare"
MSGRAPH_APP: Final = _APPS / "msgraph"


def copy_app(directory: Path, **queue_settings: Any) -> Path:
    """The app as it is deployed, without bytecode, with other settings in host.json's extensions.queues."""
    directory.mkdir()
    app_copy.copy_app(directory)
    _change_queue_settings(directory / "host.json", queue_settings)
    return directory


def copy_other_app(app: Path, directory: Path) -> Path:
    """One of the apps that it is held against, which has one function on the same queue, with the app's host.json."""
    directory.mkdir()
    shutil.copy(app / "function_app.py", directory)
    shutil.copy(REPOSITORY / "host.json", directory)
    return directory


def _change_queue_settings(path: Path, queue_settings: dict[str, Any]) -> None:
    host = json.loads(path.read_text(encoding="utf-8"))
    host["extensions"]["queues"].update(queue_settings)
    path.write_text(json.dumps(host, indent=2), encoding="utf-8")
