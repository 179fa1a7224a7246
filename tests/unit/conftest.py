"""Fixtures of the unit tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.graph.client import Graph, new_session
from shared.settings import Settings
from tests.unit.fake_graph import FakeGraph
from tests.unit.fake_ledger import FakeLedger

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def fake() -> FakeGraph:
    """The fake Graph of one test."""
    return FakeGraph()


@pytest.fixture
def ledger() -> FakeLedger:
    """The ledger of one test."""
    return FakeLedger()


@pytest.fixture
def new_graph(fake: FakeGraph) -> Callable[[], Graph]:
    """Makes the real client on the fake Graph."""
    settings = Settings()
    session = new_session(settings)
    session.mount("https://", fake)
    return lambda: Graph(settings, session, fake.tokens)  # type: ignore[arg-type]


@pytest.fixture
def graph(new_graph: Callable[[], Graph]) -> Graph:
    """The real client on the fake Graph."""
    return new_graph()
