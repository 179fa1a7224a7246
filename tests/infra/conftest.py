"""Fixtures: the scripts in infra/ with a stand-in for the az CLI, and the templates with Bicep's compiler."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.bicep import INFRA, Bicep, Snapshot
from tests.infra.variants import VARIANTS
from tests.programs import write_program

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    type Deployments = Callable[[str], Snapshot]
    type Run = Callable[..., subprocess.CompletedProcess[str]]


class Tenant:
    """What the stand-in knows, and the calls that it got."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tenant.json"
        empty = {"assignments": {}, "owners": {}, "keys": {"default": "k"}, "resources": {}, "calls": []}
        self._write({**empty, "refuses": "nothing", "errors": {}, "syncs needed": 1, "windows": False})
        write_program(folder / "az", (Path(__file__).parent / "fake_az.py").read_text(encoding="utf-8"))
        self.environment = {"PATH": f"{folder}:{os.environ['PATH']}", "FAKE_AZ": str(self._file)}

    def __getitem__(self, name: str) -> Any:
        return json.loads(self._file.read_text())[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._write({**json.loads(self._file.read_text()), name: value})

    def calls(self, *words: str) -> list[list[str]]:
        """The calls that contain all of the words."""
        return [call for call in self["calls"] if set(words) <= set(call)]

    def _write(self, value: dict[str, Any]) -> None:
        self._file.write_text(json.dumps(value))


@pytest.fixture
def tenant(tmp_path: Path) -> Tenant:
    """An empty tenant."""
    return Tenant(tmp_path)


@pytest.fixture
def run(tenant: Tenant) -> Run:
    """Runs a script of infra/ with the tenant."""

    def run_script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - a script of this repository
            [INFRA / name, *arguments],
            env={**tenant.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run_script


@pytest.fixture(scope="session")
def bicep(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bicep]:
    """Bicep's compiler. Without it, the test is skipped, or fails if BICEP_REQUIRED is set."""
    command = shutil.which("bicep", path=f"{os.environ['PATH']}:{Path.home() / '.azure' / 'bin'}")
    if command is None:
        told = "bicep is neither on PATH nor in ~/.azure/bin, where `az bicep install` puts it"
        if os.environ.get("BICEP_REQUIRED"):
            pytest.fail(told)
        pytest.skip(told)
    with Bicep(command, tmp_path_factory.mktemp("bicep")) as compiler:
        yield compiler


@pytest.fixture(scope="session")
def deployments(bicep: Bicep) -> Deployments:
    """What each variant would send to Azure, by its name."""
    templates = bicep.templates()
    evaluated = {name: bicep.snapshot(variant, templates) for name, variant in VARIANTS.items()}
    return lambda name: evaluated[name].result()
