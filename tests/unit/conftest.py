"""Fixtures of the unit tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.graph.client import Graph, new_session
from shared.settings import Settings
from tests.unit.fake_ledger import FakeLedger
from tests.unit.open_gate import OpenGate
from tests.unit.scripted_transport import ScriptedTransport

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def transport() -> ScriptedTransport:
    """The scripted answers of one test."""
    return ScriptedTransport()


@pytest.fixture
def ledger() -> FakeLedger:
    """The ledger of one test."""
    return FakeLedger()


@pytest.fixture
def new_graph(transport: ScriptedTransport) -> Callable[[], Graph]:
    """Makes the real client on the scripted answers."""
    settings = Settings()
    session = new_session(settings)
    session.mount("https://", transport)
    return lambda: Graph(settings, session, transport.tokens, OpenGate())


@pytest.fixture
def graph(new_graph: Callable[[], Graph]) -> Graph:
    """The real client on the scripted answers."""
    return new_graph()
