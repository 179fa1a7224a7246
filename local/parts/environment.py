"""The environment of child processes: what a program needs to run here, but none of the app's settings.

A GRAPH_ENDPOINT, an AZURE_CLIENT_SECRET or a proxy from the shell must not reach the app under test.
"""

import os
import sys
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).resolve().parents[2]

_KEPT: Final = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "SYSTEMROOT", "LD_LIBRARY_PATH")


def environment() -> dict[str, str]:
    """The environment of every child process."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def python_environment() -> dict[str, str]:
    """The environment of a child process that runs a module of this repository."""
    return {**environment(), "PYTHONPATH": str(REPOSITORY)}


def python_module(name: str) -> list[str]:
    """The command that runs a module of this repository."""
    return [sys.executable, "-m", name]
