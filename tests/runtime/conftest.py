"""One app for all tests of this folder, on the local cloud and on Azurite; no host runs it, but the runtime library."""

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
    """The cloud of the app, in which nothing goes wrong and nothing was called yet."""
    system.simulation.clear_faults()
    system.simulation.clear_calls()
    return system.simulation


@pytest.fixture
def principal() -> str:
    """A service principal of this test alone."""
    return str(uuid.uuid4())
