"""Time spans in .NET's format, as in host.json and timer schedules."""

import re
from datetime import timedelta
from typing import Final

_FORM: Final = re.compile(
    r"(?:(?P<days>\d{1,5})\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2})(?:\.(?P<fraction>\d{1,7}))?"
)


def parse_time_span(text: str) -> timedelta:
    """Parse "hh:mm:ss", optionally with days ("d.hh:mm:ss") and a fraction. Raises ValueError for other texts.

    .NET reads "24:00:00" as 24 days. Here that is an error.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time span of the form hh:mm:ss or d.hh:mm:ss")
    hours, minutes, seconds = (int(match[part]) for part in ("hours", "minutes", "seconds"))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text!r} is not a time span: write days before a dot, and hours up to 23")
    return timedelta(
        days=int(match["days"] or 0),
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        microseconds=int((match["fraction"] or "0").ljust(7, "0")) // 10,
    )
