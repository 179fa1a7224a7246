"""The app's settings in a run: short, so that what takes hours in Azure takes seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

GRAPH_TIMEOUT: Final = 2.0
"""Seconds that the app waits for Graph."""

JOB_LEASE: Final = 10
"""Seconds; longer than all that lies between taking a job and the last write of it."""

START_LIMIT: Final = 3

SECOND_START_AFTER: Final = timedelta(seconds=3)
"""Longer than any start takes to show here."""

RECOVERY_DEADLINE: Final = timedelta(hours=0.001)

GIVE_UP_AFTER: Final = timedelta(hours=0.015)
"""A request waits an eighth of it at most before it is tried again, and longer than anything fails here."""


def hours(time: timedelta) -> str:
    """As a setting has it."""
    return f"{time / timedelta(hours=1):g}"
