"""The version is the same wherever it is written."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from shared import VERSION
from shared.graph.client import new_session
from shared.settings import Settings

ROOT = Path(__file__).parents[1]


def test_the_app_the_project_and_the_changelog_have_one_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION
    (latest, *_) = re.findall(r"(?m)^## \[(\d[\d.]*)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text())
    assert latest == VERSION


def test_upgrading_names_only_versions_that_exist() -> None:
    released = set(re.findall(r"(?m)^## \[(\d[\d.]*)\]", (ROOT / "CHANGELOG.md").read_text()))
    told = set(re.findall(r"\b(\d+\.\d+\.\d+)\b", (ROOT / "docs" / "upgrading.md").read_text()))
    assert told
    assert told <= released


def test_calls_of_graph_name_the_version() -> None:
    assert new_session(Settings()).headers["User-Agent"] == f"start-job-function/{VERSION}"
