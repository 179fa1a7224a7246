"""Timer schedules: NCRONTAB and intervals."""

from datetime import UTC, datetime

import pytest

from local.host.schedules import parse_schedule

_MOMENT = datetime(2026, 11, 23, 10, 0, 0, tzinfo=UTC)  # a Monday


@pytest.mark.parametrize(
    ("expression", "following"),
    [
        ("0 */5 * * * *", datetime(2026, 11, 23, 10, 5, tzinfo=UTC)),
        ("*/15 * * * * *", datetime(2026, 11, 23, 10, 0, 15, tzinfo=UTC)),
        ("0 30 9 * * Mon-Fri", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("30 9 * * *", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
        ("01:30:00", datetime(2026, 11, 23, 11, 30, tzinfo=UTC)),
    ],
)
def test_next_time(expression: str, following: datetime) -> None:
    assert parse_schedule(expression).next_after(_MOMENT) == following


def test_day_and_weekday_must_both_match() -> None:
    friday_the_13th = parse_schedule("0 0 0 13 * 5")

    assert friday_the_13th.next_after(_MOMENT) == datetime(2027, 8, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    "expression", ["", "* *", "0 0 0 0 0 0 0", "61 * * * * *", "every day", "00:00:00", "25:00:00"]
)
def test_anything_else_is_refused(expression: str) -> None:
    with pytest.raises(ValueError, match=r"NCRONTAB|time span|longer than nothing"):
        parse_schedule(expression)
