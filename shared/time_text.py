"""Parses and writes times in the format of RFC 3339."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime

_TIME = re.compile(
    r"2[0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""RFC 3339 from the year 2000 on, which other readers of JSON understand, too. ISO 8601 has many more forms."""


def format_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds: 2026-11-23T10:00:00.000Z."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def parse_time(text: str) -> datetime | None:
    """The time of an RFC 3339 text from the years 2000 to 2999, in UTC; None for any other text."""
    if _TIME.fullmatch(text):
        # fromisoformat refuses a day that the month does not have.
        with contextlib.suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(text).astimezone(UTC)
            # The time must also match in UTC, as the app writes it and reads it again.
            if _TIME.fullmatch(format_time(moment)):
                return moment
    return None
