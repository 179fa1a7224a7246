"""One app for all tests of this folder, on the local cloud and Azurite. The runtime library runs it, without a host."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from local.parts.system import LocalSystem, Options
from tests.runtime.app import App, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from local.client.simulation import Simulation


@pytest.fixture(scope="session")
def system() -> Iterator[LocalSystem]:
    """Storage, Graph and the managed identity."""
    with LocalSystem(Options(hosts=0)) as system:
        yield system


@pytest.fixture(scope="session")
def app(system: LocalSystem) -> Iterator[App]:
    """The app as it is deployed."""
    with running(**system.settings) as app:
        yield app


@pytest.fixture
def simulation(system: LocalSystem) -> Simulation:
    """The app's cloud, without faults and without recorded calls."""
    system.simulation.clear_faults()
    system.simulation.clear_calls()
    return system.simulation


@pytest.fixture
def principal() -> str:
    """A service principal of this test only."""
    return str(uuid.uuid4())
