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
        pytest.param(quarantine(FIRST), quarantine(FIRST), 600, True, id="same quarantine"),
        pytest.param(quarantine(FIRST), quarantine(SECOND), 1, False, id="new quarantine"),
        pytest.param(quarantine(FIRST), job("Paused"), 1, False, id="paused since"),
        pytest.param(quarantine(FIRST), job("Active"), 1, False, id="active since"),
        pytest.param(quarantine(None), quarantine(None), 9, True, id="no dates, soon"),
        pytest.param(quarantine(None), quarantine(None), 10, False, id="no dates, later"),
        pytest.param(quarantine(None), quarantine(FIRST), 9, True, id="date came, soon"),
        pytest.param(quarantine("0001-01-01T00:00:00Z"), quarantine(FIRST), 11, False, id="date came, later"),
        pytest.param(job("Paused"), job("Paused"), 9, True, id="still paused, soon"),
        pytest.param(job("Paused"), job("Paused"), 10, False, id="still paused, later"),
        pytest.param(job("Paused"), quarantine(SECOND), 1, False, id="quarantine since paused"),
    ],
)
def test_episode(then: SynchronizationJob, today: SynchronizationJob, minutes: int, *, expected: bool) -> None:
    earlier = start(before=then)
    assert same_episode(earlier, today, earlier.at + minutes * MINUTES) is expected


@pytest.mark.parametrize(
    ("accepted", "today", "counts"),
    [
        pytest.param(True, FIRST, True, id="accepted, same quarantine"),
        pytest.param(True, SECOND, True, id="accepted, new quarantine"),
        pytest.param(False, FIRST, False, id="unanswered, same quarantine"),
        pytest.param(False, SECOND, True, id="unanswered, new quarantine"),
    ],
)
def test_a_start_of_unknown_effect_counts_once_its_episode_is_over(today: str, *, accepted: bool, counts: bool) -> None:
    earlier = start() if accepted else start(reason=None, code_after=None)
    entry = Entry(job=start_request().job, latest=earlier)
    assert past_starts(entry, quarantine(today), earlier.at + MINUTES) == ((earlier,) if counts else ())


def test_a_job_without_entry_has_no_past() -> None:
    assert past_starts(None, job(), start().at) == ()
