"""The hosts that the tests run on: `local.host`, or the one that QUEUE_HOST names; and where they differ."""

from __future__ import annotations

import pytest

from local.parts.host_part import QUEUE_HOST, other_host

PROCESSES_OF_A_HOST = 1 if other_host() is None else 2
"""Microsoft's host and the worker are a process each."""


def chosen_host() -> dict[str, str]:
    """For the environment of a process that starts a local system of its own."""
    program = other_host()
    return {} if program is None else {QUEUE_HOST: program}


def own_host_only(reason: str) -> pytest.MarkDecorator:
    """A test of what another host does in another way; docs/local.md lists these."""
    return pytest.mark.skipif(other_host() is not None, reason=reason)
