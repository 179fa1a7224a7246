"""The local system, shared by the tests of a module. The Makefile runs all tests of a file on one worker."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from local.parts.system import LocalSystem, Options
from tests.e2e.options import quick
from tests.e2e.tenant import Tenant

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def options() -> Options:
    """How the system of a module runs: without long waits. A module may override this."""
    return quick()


@pytest.fixture(scope="module")
def system(options: Options) -> Iterator[LocalSystem]:
    """Everything, on free ports, with empty queues."""
    with LocalSystem(options) as system:
        yield system


@pytest.fixture
def tenant(system: LocalSystem) -> Tenant:
    """A service principal of this test only, and its jobs."""
    return Tenant(system, str(uuid.uuid4()))
