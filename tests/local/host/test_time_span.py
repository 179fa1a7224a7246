"""Time spans in .NET's format."""

from datetime import timedelta

import pytest

from local.host.time_span import parse_time_span


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("00:00:45", timedelta(seconds=45)),
        ("1:2:3", timedelta(hours=1, minutes=2, seconds=3)),
        ("7.00:00:00", timedelta(days=7)),
        ("00:00:00.1", timedelta(milliseconds=100)),
        ("00:00:00.1234567", timedelta(microseconds=123456)),
    ],
)
def test_time_span_is_read(text: str, span: timedelta) -> None:
    assert parse_time_span(text) == span


@pytest.mark.parametrize("text", ["", "45", "00:45", "24:00:00", "00:60:00", "00:00:60", "-00:00:01", "00:00:01 "])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time span"):
        parse_time_span(text)
