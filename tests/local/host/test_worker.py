"""Microsoft's runtime library in the local host: which app it loads."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING

from local.host.worker import _forget_others
from local.parts.environment import REPOSITORY
from trials.app_copy import copy_app

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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


def test_packages_named_like_a_file_that_is_not_a_module_stay_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("cloud.yaml", "logic.py"):
        (tmp_path / name).touch()
    for name in ("cloud", "logic"):
        module = ModuleType(name)
        module.__file__ = f"/elsewhere/{name}.py"
        monkeypatch.setitem(sys.modules, name, module)

    _forget_others(tmp_path)

    assert ("cloud" in sys.modules, "logic" in sys.modules) == (True, False)
