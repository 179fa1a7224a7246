"""Schedules: what NCrontab accepts, and nothing else."""

from __future__ import annotations

import re

import pytest

from shared.schedule import drawn, parse_cron


def test_an_expression_lists_values_ranges_steps_and_names() -> None:
    cron = parse_cron("0,30 5-7 */6 10/10 Jan,sept-OCTOBER Mon-Wed,sa")
    assert [sorted(values) for values in cron] == [
        [0, 30],
        [5, 6, 7],
        [0, 6, 12, 18],
        [10, 20, 30],
        [1, 9, 10],
        [1, 2, 3, 6],
    ]


def test_five_fields_are_without_the_second() -> None:
    assert parse_cron("*/5 * * * *") == parse_cron("0  */5 * * * * ")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("1-5/2", [1, 3, 5]),
        ("5-1/2", [1, 3, 5]),
        ("4/0", [4, 5, 6]),
        ("tu", [2]),
        ("S", [0]),
        ("Fri-Mon", [1, 2, 3, 4, 5]),
    ],
)
def test_weekdays_are_read_as_ncrontab_reads_them(text: str, values: list[int]) -> None:
    assert sorted(parse_cron(f"* * * * * {text}").weekdays) == values


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("every five minutes", "must be an NCRONTAB expression of six fields"),
        ("* * * *", "must be an NCRONTAB expression of six fields"),
        ("* * * * * * *", "must be an NCRONTAB expression of six fields"),
        ("00:05:00", "must be an NCRONTAB expression of six fields"),
        ("25:00:00", "must be an NCRONTAB expression of six fields"),
        ("@daily", "must be an NCRONTAB expression of six fields"),
        ("0\t*/5 * * * *", "as minute, which must be 0 to 59"),
        ("0 0 0 * * 7", "has '7' as weekday, which must be 0 to 6 or Sunday to Saturday"),
        ("0 0 0 * * 5-7", "has '7' as weekday"),
        ("0 0 0 L * *", "has 'L' as day, which must be 1 to 31"),
        ("0 0 0 1W * *", "has '1W' as day"),
        ("0 0 0 * * mon#1", "has 'mon#1' as weekday"),
        ("0 0 0 * * ?", "has '?' as weekday"),
        ("0 0 0 * Foo *", "has 'Foo' as month, which must be 1 to 12 or January to December"),
        ("60 * * * * *", "has '60' as second, which must be 0 to 59"),
        ("* * 24 * * *", "has '24' as hour"),
        ("* * * 0 * *", "has '0' as day"),
        ("* * * * 13 *", "has '13' as month"),
        ("-1 * * * * *", "has '' as second"),
        ("1,,2 * * * * *", "has '' as second"),
        ("1- * * * * *", "has '' as second"),
        ("1-2-3 * * * * *", "has '2-3' as second"),
        ("*-5 * * * * *", "has '*' as second"),
        ("*/ * * * * *", "'' is not a step"),
        ("*/x * * * * *", "'x' is not a step"),
        ("*/-2 * * * * *", "'-2' is not a step"),
        ("\u0665 * * * * *", "has '\u0665' as second"),
        ("0 0 0 31 2 *", "never comes"),
        ("0 0 0 30 Feb *", "never comes"),
        ("0 0 0 31 4,6,9,11 *", "never comes"),
    ],
)
def test_all_else_is_a_fault_that_names_its_place(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        parse_cron(text)


@pytest.mark.parametrize("text", ["0 0 0 29 2 *", "0 0 0 31 * *", "0 0 0 30,1 2 *", "0 0 0 31 2,3 *"])
def test_a_day_that_some_month_has_is_taken(text: str) -> None:
    assert parse_cron(text)


def test_a_drawn_schedule_is_due_every_ten_minutes_at_a_time_of_its_own() -> None:
    names = [f"func-start-job-{number:x}abcdefgh" for number in range(200)]
    crons = [parse_cron(drawn(name, 10)) for name in names]
    assert all(len(cron.seconds) == 1 and len(cron.minutes) == 6 for cron in crons)
    assert len({(cron.seconds, cron.minutes) for cron in crons}) > 100
    assert drawn(names[0], 10) == drawn(names[0], 10)
    parse_cron(drawn("", 10))
