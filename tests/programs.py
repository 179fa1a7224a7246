"""Programs that tests put on PATH."""

from __future__ import annotations

import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_program(path: Path, code: str) -> None:
    """Write an executable that runs Python code with this interpreter.

    A `#!` line can't name an interpreter whose path has a space, so a shell starts it.
    """
    script = path.with_name(f"{path.name}.py")
    script.write_text(code, encoding="utf-8")
    path.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(script)])} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
