"""How the tests run the system."""

from __future__ import annotations

from typing import Any

from local.parts.system import Options

ONE_DAY_IN_FOUR_YEARS = "0 0 0 29 2 *"

IMPATIENT = {"GIVE_UP_AFTER": "0.0006"}
"""Two seconds. For tests about jobs that Graph does not know: it must answer 404 for that long."""


def quick(*, settings: dict[str, str] | None = None, **options: Any) -> Options:
    """Without long waits, and without the timer that would read started jobs at unpredictable times."""
    at_once = {"RECOVERY_SCHEDULE": ONE_DAY_IN_FOUR_YEARS, "SECOND_START_AFTER": "0"}
    return Options(visibility=0, max_poll=0.2, settings={**at_once, **(settings or {})}, **options)
