"""Which starts of a job count today, as tables."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.graph.job import parse_job
from shared.ledger.entry import Entry
from shared.starting.episode import past_starts, same_episode
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
