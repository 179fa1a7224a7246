"""One app for all tests of this folder, on a Graph of its own; each test starts with a Graph that was told nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.runtime.app import App, running
from tests.runtime.loopback import Loopback

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def loopback() -> Iterator[Loopback]:
    with Loopback() as loopback:
        yield loopback


@pytest.fixture(scope="session")
def app(loopback: Loopback) -> Iterator[App]:
    """The app as it is deployed, with Graph and the managed identity on loopback."""
    with running(**loopback.settings) as app:
        yield app


@pytest.fixture
def graph(loopback: Loopback) -> Loopback:
    """The Graph of the app."""
    loopback.answers.clear()
    loopback.calls.clear()
    loopback.tables.entities.clear()
    return loopback
