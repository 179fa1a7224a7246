"""Timer schedules in the grammar of NCrontab, which the Functions host uses.

    {second} {minute} {hour} {day} {month} {weekday}      in five fields, the second is left out, and is 0

    field = part ["," part …]      part = ("*" | value | value "-" value) ["/" step]

A value is a number, or the beginning of a month's or weekday's English name. Weekdays are 0 (Sunday) to 6. There is
no 7, and no L, W, # or ?, which other crons have. Day and weekday must both match. Source: the NCrontab library.
"""

from __future__ import annotations

from typing import NamedTuple

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Cron(NamedTuple):
    """The values at which a schedule is due. All fields of a time must match."""

    seconds: frozenset[int]
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""


class _Field(NamedTuple):
    name: str
    least: int
    most: int
    names: list[str]

    def values(self, text: str) -> frozenset[int]:
        """The values that a field lists. Raises ValueError."""
        return frozenset(value for part in text.split(",") for value in self._part(part))

    def _part(self, text: str) -> range:
        values, slash, step = text.partition("/")
        if slash and not _is_number(step):
            raise ValueError(f"has {text!r} as {self.name}, and {step!r} is not a step")
        first, dash, last = values.partition("-")
        if values == "*":
            start, end = self.least, self.most
        elif dash:
            # NCrontab reads 22-2 as 2-22.
            start, end = sorted((self._value(first), self._value(last)))
        else:
            start = self._value(values)
            end = self.most if slash else start
        return range(start, end + 1, max(1, int(step or 1)))

    def _value(self, text: str) -> int:
        if _is_number(text):
            value = int(text)
        else:
            lower = text.lower()
            named = (index for index, name in enumerate(self.names) if lower and name.lower().startswith(lower))
            value = next(named, -1) + self.least
        if not self.least <= value <= self.most:
            names = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
            raise ValueError(f"has {text!r} as {self.name}, which must be {self.least} to {self.most}{names}")
        return value


_FIELDS = (
    _Field("second", 0, 59, []),
    _Field("minute", 0, 59, []),
    _Field("hour", 0, 23, []),
    _Field("day", 1, 31, []),
    _Field("month", 1, 12, _MONTHS),
    _Field("weekday", 0, 6, _WEEKDAYS),
)


def parse_cron(text: str) -> Cron:
    """Parse an NCRONTAB expression of five or six fields.

    Raises ValueError for any other text, and for days that no month has. The error's text completes a sentence that
    begins with "the schedule".
    """
    given = [field for field in text.split(" ") if field]
    if len(given) == len(_FIELDS) - 1:
        given.insert(0, "0")
    if len(given) != len(_FIELDS):
        raise ValueError("must be an NCRONTAB expression of six fields, such as 0 */5 * * * *")
    cron = Cron._make(field.values(each) for field, each in zip(_FIELDS, given, strict=True))
    if min(cron.days) > max(_DAYS_IN_MONTH[month - 1] for month in cron.months):
        raise ValueError(f"is {text!r}, which never comes: none of these months has such a day")
    return cron


def drawn(name: str, minutes: int) -> str:
    """A schedule for every so many minutes, at a second that depends on the name. So not all apps call at once."""
    # For 10 minutes, the divisor is prime, so that every letter of the name counts.
    minute, second = divmod(int.from_bytes(name.encode()) % (60 * minutes - 1), 60)
    return f"{second} {minute}/{minutes} * * * *"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()
