"""The README is short, and its pages name every setting, outcome and reason."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from shared.outcome import Outcome, Reason
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
EVENTS = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
SETTINGS = [field.metadata["name"] for field in fields(Settings) if field.metadata]


@pytest.mark.parametrize("name", SETTINGS)
def test_the_page_of_settings_names_it(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*Outcome, *Reason])
def test_the_page_of_events_names_it(name: str) -> None:
    assert re.search(rf"[`*]{name}[`*]", EVENTS)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_readme_names_every_outcome(outcome: Outcome) -> None:
    assert re.search(rf"(?m)^\|.*\b{outcome}\b.*\|", README)


def test_readme_is_read_in_minutes() -> None:
    assert len(README.split()) <= 900


def test_settings_are_read_off_the_code() -> None:
    assert "GRAPH_ENDPOINT" in SETTINGS


def test_the_picture_is_of_the_demo() -> None:
    picture = ET.parse(ROOT / "docs" / "demo.svg").getroot()  # noqa: S314 - a file of this repository
    assert picture.tag.endswith("svg")
    shown = " ".join(picture.itertext()).replace("\xa0", " ")
    assert "make demo" in shown
    assert "too_many_deletes" in shown
