"""The simulated cloud as a process, one per module of tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from local.client.simulation import Simulation
from local.parts.cloud_part import CloudPart
from tests.local.cloud.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def part(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudPart]:
    part = CloudPart(tmp_path_factory.mktemp("cloud") / "log")
    part.start()
    yield part
    part.stop()


@pytest.fixture
def caller(part: CloudPart) -> Caller:
    return Caller(part)


@pytest.fixture
def simulation(part: CloudPart) -> Iterator[Simulation]:
    with Simulation(part.graph) as simulation:
        yield simulation
        simulation.clear_faults()
