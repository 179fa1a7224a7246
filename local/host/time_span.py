"""Time spans in .NET's notation, as host.json and timer schedules hold them."""

import re
from datetime import timedelta
from typing import Final

_FORM: Final = re.compile(
    r"(?:(?P<days>\d{1,5})\.)?(?P<hours>\d{1,2}):(?P<minutes>\d{1,2}):(?P<seconds>\d{1,2})(?:\.(?P<fraction>\d{1,7}))?"
)


def parse_time_span(text: str) -> timedelta:
    """Read "hh:mm:ss", with days before ("d.hh:mm:ss") and a fraction behind where wanted. ValueError for all else.

    .NET reads "24:00:00" as 24 days; that surprise is an error here.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a time span of the form hh:mm:ss or d.hh:mm:ss")
    hours, minutes, seconds = (int(match[part]) for part in ("hours", "minutes", "seconds"))
    if hours > 23 or minutes > 59 or seconds > 59:
        raise ValueError(f"{text!r} is not a time span: days stand before a dot, hours end at 23")
    return timedelta(
        days=int(match["days"] or 0),
        hours=hours,
        minutes=minutes,
        seconds=seconds,
        microseconds=int((match["fraction"] or "0").ljust(7, "0")) // 10,
    )
