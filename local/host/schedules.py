"""When a timer runs: NCRONTAB expressions and constant intervals. All times are UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final, Protocol

from local.host.time_span import parse_time_span
from shared.schedule import Cron, parse_cron

_DAY: Final = timedelta(days=1)


class Schedule(Protocol):
    """Computes when a timer runs next."""

    def next_after(self, moment: datetime) -> datetime:
        """The first time later than the moment."""
        ...


@dataclass(frozen=True, slots=True)
class ByCron:
    """An NCRONTAB expression."""

    cron: Cron

    def next_after(self, moment: datetime) -> datetime:
        """The first match, looked up day by day. The rarest, 29 February on one weekday, occurs at least every 40
        years.
        """
        earliest = moment.replace(microsecond=0) + timedelta(seconds=1)
        day = earliest.date()
        while True:
            if self._has(day.month, day.day, day.isoweekday() % 7):
                from_then_on = earliest.time() if day == earliest.date() else time.min
                if (at := self._first_time(from_then_on)) is not None:
                    return datetime.combine(day, at, UTC)
            day += _DAY

    def _has(self, month: int, day: int, weekday: int) -> bool:
        return month in self.cron.months and day in self.cron.days and weekday in self.cron.weekdays

    def _first_time(self, earliest: time) -> time | None:
        """The first time of a day that is not before the earliest."""
        return next(
            (
                at
                for hour in sorted(self.cron.hours)
                if hour >= earliest.hour
                for minute in sorted(self.cron.minutes)
                if (hour, minute) >= (earliest.hour, earliest.minute)
                for second in sorted(self.cron.seconds)
                if (at := time(hour, minute, second)) >= earliest
            ),
            None,
        )


@dataclass(frozen=True, slots=True)
class Interval:
    """A constant time between runs."""

    length: timedelta

    def next_after(self, moment: datetime) -> datetime:
        return moment + self.length


def parse_schedule(text: str) -> Schedule:
    """Parse an NCRONTAB expression or a time span. Raises ValueError for other texts."""
    if ":" in text:
        length = parse_time_span(text)
        if not length:
            raise ValueError("a timer's interval must be longer than 0")
        return Interval(length)
    try:
        return ByCron(parse_cron(text))
    except ValueError as fault:
        raise ValueError(f"the schedule {fault}") from fault
