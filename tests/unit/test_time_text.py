"""Times as text: written in UTC, and read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.time_text import format_time, parse_time

OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)).map(
    lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
)


def test_time_is_written_in_utc_with_milliseconds() -> None:
    assert format_time(datetime(2026, 1, 2, 3, 4, 5, 678900, UTC)) == "2026-01-02T03:04:05.678Z"


def test_time_with_an_offset_is_read_as_utc() -> None:
    assert parse_time("2026-03-01T00:30:00.25+02:00") == datetime(2026, 2, 28, 22, 30, 0, 250000, UTC)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("2026-11-23", id="date alone"),
        pytest.param("2026-11-23T10:00:00", id="without offset"),
        pytest.param("2026-11-23T10:00:00z", id="z in lower case"),
        pytest.param("2026-02-29T00:00:00Z", id="29 February 2026"),
        pytest.param("2000-01-01T00:00:00+01:00", id="1999 in UTC"),
        pytest.param("2999-12-31T23:59:59-01:00", id="3000 in UTC"),
    ],
)
def test_other_text_is_no_time(text: str) -> None:
    assert parse_time(text) is None


@given(st.datetimes(datetime(2000, 1, 1), datetime(2999, 12, 31, 23, 59, 59), timezones=OFFSETS))  # noqa: DTZ001 - OFFSETS
def test_every_time_that_is_taken_is_read_again(moment: datetime) -> None:
    taken = parse_time(moment.isoformat())
    if taken is None:
        assert moment.astimezone(UTC).year in (1999, 3000)
        return
    written = format_time(taken)
    read = parse_time(written)
    assert read is not None
    assert format_time(read) == written
