"""The host that the tests run on (`local.host`, or the one in QUEUE_HOST), and tests that need a certain host."""

from __future__ import annotations

import pytest

from local.parts.host_part import QUEUE_HOST, other_host

PROCESSES_OF_A_HOST = 1 if other_host() is None else 2
"""Microsoft's host runs its worker in another process."""


def chosen_host() -> dict[str, str]:
    """Environment variables for a process that starts a local system."""
    program = other_host()
    return {} if program is None else {QUEUE_HOST: program}


def own_host_only(reason: str) -> pytest.MarkDecorator:
    """Marks a test of something that other hosts do differently. docs/local.md lists these."""
    return pytest.mark.skipif(other_host() is not None, reason=reason)
