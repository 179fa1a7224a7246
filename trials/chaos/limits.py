"""The app's settings in a run: short, so that what takes hours in Azure takes seconds."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

GRAPH_TIMEOUT: Final = 2.0
"""Seconds that the app waits for Graph."""

JOB_LEASE: Final = 10
"""In seconds. Longer than the time from the claim of a job to its last write."""

START_LIMIT: Final = 3

SECOND_START_AFTER: Final = timedelta(seconds=3)
"""Longer than any start takes to show here."""

RECOVERY_DEADLINE: Final = timedelta(hours=0.001)

GIVE_UP_AFTER: Final = timedelta(hours=0.015)
"""A request waits for at most an eighth of this before its next attempt. The whole is longer than any fault lasts."""


def hours(time: timedelta) -> str:
    """The value for a setting."""
    return f"{time / timedelta(hours=1):g}"
