"""Azure installs the same packages that the tests run on."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEPLOYED = (ROOT / "requirements.txt").read_text()
PINS = dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", DEPLOYED))
TESTED = dict(re.findall(r"(?m)^([\w.-]+)==([^\s;]+)", (ROOT / "requirements-dev.txt").read_text()))


def test_every_deployed_package_is_pinned_with_hashes() -> None:
    packages = re.split(r"(?m)^(?=[\w.-]+==)", DEPLOYED)[1:]
    assert len(packages) == len(PINS) > 20
    assert [package.split()[0] for package in packages if "--hash=sha256:" not in package] == []


def test_the_file_names_every_package_that_is_asked_for_and_no_index() -> None:
    asked = dict(re.findall(r"(?m)^([\w.-]+)==(\S+)$", (ROOT / "requirements.in").read_text()))
    assert asked.items() <= PINS.items()
    assert "://" not in DEPLOYED


@pytest.mark.parametrize("name", PINS)
def test_the_tests_run_on_the_same_version(name: str) -> None:
    assert TESTED[name] == PINS[name] == version(name)
