"""The README names every setting, outcome and reason that there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from shared.outcome import Outcome, Reason
from shared.settings import Settings

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
SETTINGS = [field.metadata["name"] for field in fields(Settings) if field.metadata]


@pytest.mark.parametrize("name", [*SETTINGS, *Outcome, *Reason])
def test_readme_names_it(name: str) -> None:
    assert re.search(rf"[`*]{name}[`*]", README)


def test_settings_are_read_off_the_code() -> None:
    assert "GRAPH_ENDPOINT" in SETTINGS
