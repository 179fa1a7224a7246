"""What earlier starts say against one more, as tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.graph.job import parse_job
from shared.ledger.entry import Entry, Start
from shared.outcome import Reason
from shared.settings import Settings
from shared.starting.guard import objection, past_starts, same_episode
from tests.examples import job_json, start, start_request

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob

FIRST = "2026-11-22T21:14:09.1234567Z"
SECOND = "2026-11-23T09:00:00Z"
MINUTES = timedelta(minutes=1)


def job(code: str = "Quarantine", **status: Any) -> SynchronizationJob:
    parsed = parse_job(job_json(code, **status))
    assert parsed is not None
    return parsed


def quarantine(series_began: str | None) -> SynchronizationJob:
    return job(quarantine={"reason": "Unknown", "seriesBegan": series_began})


@pytest.mark.parametrize(
    ("then", "today", "minutes", "expected"),
    [
        (quarantine(FIRST), quarantine(FIRST), 600, True),
        (quarantine(FIRST), quarantine(SECOND), 1, False),
        (quarantine(FIRST), job("Paused"), 1, False),
        (quarantine(FIRST), job("Active"), 1, False),
        (quarantine(None), quarantine(None), 9, True),
        (quarantine(None), quarantine(None), 10, False),
        (quarantine(None), quarantine(FIRST), 9, True),
        (quarantine("0001-01-01T00:00:00Z"), quarantine(FIRST), 11, False),
        (job("Paused"), job("Paused"), 9, True),
        (job("Paused"), job("Paused"), 10, False),
        (job("Paused"), quarantine(SECOND), 1, False),
    ],
)
def test_episode(then: SynchronizationJob, today: SynchronizationJob, minutes: int, *, expected: bool) -> None:
    earlier = start(before=then)
    assert same_episode(earlier, today, earlier.at + minutes * MINUTES) is expected


@pytest.mark.parametrize(
    ("accepted", "today", "counts"),
    [(True, FIRST, True), (True, SECOND, True), (False, FIRST, False), (False, SECOND, True)],
)
def test_a_start_of_unknown_effect_counts_once_its_episode_is_over(today: str, *, accepted: bool, counts: bool) -> None:
    earlier = start() if accepted else start(reason=None, code_after=None)
    entry = Entry(job=start_request().job, latest=earlier)
    assert past_starts(entry, quarantine(today), earlier.at + MINUTES) == ((earlier,) if counts else ())


def test_a_job_without_entry_has_no_past() -> None:
    assert past_starts(None, job(), start().at) == ()


def several(*hours_ago: float, forced: bool = False) -> tuple[Start, ...]:
    return tuple(start(at=start().at - timedelta(hours=hours), forced=forced) for hours in hours_ago)


@pytest.mark.parametrize(
    ("past", "today", "expected", "named"),
    [
        ((), SECOND, None, 0),
        (several(1), FIRST, Reason.ALREADY_STARTED, 1),
        (several(1, forced=True), FIRST, Reason.ALREADY_STARTED, 1),
        (several(3, 2), SECOND, None, 0),
        (several(3, 2, 1), SECOND, Reason.RELAPSING, 3),
        (several(24, 2, 1), SECOND, None, 0),
        (several(3, 2, 1, forced=True), SECOND, None, 0),
        ((*several(4, 3), *several(2, forced=True), *several(1)), SECOND, Reason.RELAPSING, 3),
        (several(4, 3, 2, 1), FIRST, Reason.ALREADY_STARTED, 1),
    ],
)
def test_objection(past: tuple[Start, ...], today: str, expected: Reason | None, named: int) -> None:
    found = objection(past, quarantine(today), Settings(), start().at)
    assert (found.reason if found else None, len(found.starts) if found else 0) == (expected, named)


def test_limit_and_window_are_settings() -> None:
    settings = Settings(start_limit=1, start_window=timedelta(hours=2))
    for hours, expected in ((1, Reason.RELAPSING), (3, None)):
        found = objection(several(hours), quarantine(SECOND), settings, start().at)
        assert (found.reason if found else None) is expected
