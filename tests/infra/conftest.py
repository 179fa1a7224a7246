"""Fixtures: the scripts in infra/ on a stand-in for the az CLI."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.infra.bicep import INFRA

if TYPE_CHECKING:
    from collections.abc import Callable

    type Run = Callable[..., subprocess.CompletedProcess[str]]


class Tenant:
    """What the stand-in knows and was asked."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "tenant.json"
        empty = {"assignments": {}, "owners": {}, "keys": {"default": "k"}, "calls": []}
        self._write({**empty, "refuses": "nothing", "patience": 0})
        az = folder / "az"
        az.write_text(f'#!/bin/sh\nexec {sys.executable} {Path(__file__).parent / "fake_az.py"} "$@"\n')
        az.chmod(0o755)
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
    """Runs a script of infra/ in the tenant."""

    def run_script(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own script
            [INFRA / name, *arguments],
            env={**tenant.environment, **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run_script
