"""Microsoft's runtime library behind the local host: which app it loads."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from local.parts.environment import REPOSITORY
from trials.app_copy import copy_app

if TYPE_CHECKING:
    from pathlib import Path

_LOAD = """
import asyncio, sys
from pathlib import Path
import local.host.schedules
from local.host.worker import Worker
asyncio.run(Worker().load(Path(sys.argv[1])))
import shared.schedule, shared.settings
print(shared.schedule.__file__, shared.settings.__file__)
"""


def test_an_app_elsewhere_runs_with_its_own_modules_though_the_host_uses_some_of_the_same_names(tmp_path: Path) -> None:
    copy_app(tmp_path)

    done = subprocess.run(  # noqa: S603 - this interpreter
        [sys.executable, "-c", _LOAD, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    loaded = done.stdout.splitlines()[-1].split()
    assert all(file.startswith(str(tmp_path)) for file in loaded)
