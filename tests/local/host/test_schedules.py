"""Timer schedules: NCRONTAB and intervals."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.host.schedules import parse_schedule
from shared.schedule import parse_cron

_MOMENT = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("expression", "following"),
    [
        ("0 */5 * * * *", datetime(2026, 11, 23, 10, 5, tzinfo=UTC)),
        ("*/15 * * * * *", datetime(2026, 11, 23, 10, 0, 15, tzinfo=UTC)),
        ("0 30 9 * * Mon-Fri", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("30 9 * * *", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("0 0 12 29 2 *", datetime(2028, 2, 29, 12, tzinfo=UTC)),
        ("30 59 23 31 12 *", datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC)),
        ("0 0 0 1 * Sun", datetime(2027, 8, 1, tzinfo=UTC)),
        ("01:30:00", datetime(2026, 11, 23, 11, 30, tzinfo=UTC)),
    ],
)
def test_next_time(expression: str, following: datetime) -> None:
    assert parse_schedule(expression).next_after(_MOMENT) == following


def test_day_and_weekday_must_both_match() -> None:
    friday_the_13th = parse_schedule("0 0 0 13 * 5")

    assert friday_the_13th.next_after(_MOMENT) == datetime(2027, 8, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression",
    ["", "* *", "0 0 0 0 0 0 0", "61 * * * * *", "every day", "00:00:00", "25:00:00", "0 0 0 * * 7", "0 0 0 L * *"],
)
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"the schedule (must|has)|time span|longer than 0"):
        parse_schedule(expression)


@given(st.timedeltas(timedelta(0), timedelta(days=1500)))
def test_the_next_time_fits_and_nothing_before_it_does(later: timedelta) -> None:
    moment = _MOMENT + later
    cron = parse_cron("*/20 3/7 * 1-3,31 * Mon-Sat")
    following = parse_schedule("*/20 3/7 * 1-3,31 * Mon-Sat").next_after(moment)

    def fits(at: datetime) -> bool:
        given = (at.second, at.minute, at.hour, at.day, at.month, at.isoweekday() % 7)
        return all(value in values for value, values in zip(given, cron, strict=True))

    assert fits(following)
    between = min(3600, int((following - moment).total_seconds()))
    assert not any(fits(following - timedelta(seconds=each)) for each in range(1, between))
