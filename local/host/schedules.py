"""When a timer runs: NCRONTAB expressions and constant intervals. All times are UTC."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from croniter import CroniterError, croniter

from local.host.time_span import parse_time_span

_WITHOUT_SECONDS: Final = 5
_WITH_SECONDS: Final = 6


class Schedule(Protocol):
    """Anything that knows the next time."""

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time later than the moment."""
        ...


@dataclass(frozen=True, slots=True)
class Cron:
    """An NCRONTAB expression of six fields, seconds first."""

    expression: str

    def next_after(self, moment: datetime) -> datetime:
        # NCRONTAB wants day and weekday both to match, where cron is content with either.
        times = croniter(self.expression, moment, second_at_beginning=True, day_or=False)
        following: datetime = times.get_next(datetime)
        return following


@dataclass(frozen=True, slots=True)
class Interval:
    """A constant time between runs."""

    length: timedelta

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.length


def parse_schedule(text: str) -> Schedule:
    """Read an NCRONTAB expression or a time span. ValueError for all else."""
    if ":" in text:
        length = parse_time_span(text)
        if not length:
            raise ValueError("a timer's interval must be longer than nothing")
        return Interval(length)
    fields = text.split()
    if len(fields) == _WITHOUT_SECONDS:
        fields.insert(0, "0")
    expression = " ".join(fields)
    try:
        valid = len(fields) == _WITH_SECONDS and bool(croniter.expand(expression, second_at_beginning=True))
    except CroniterError:
        valid = False
    if not valid:
        raise ValueError(f"{text!r} is neither an NCRONTAB expression of six fields nor a time span hh:mm:ss")
    return Cron(expression)
