"""Tables of which starts of a job count today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.ledger.entry import Entry, State
from shared.outcome import Reason
from shared.starting.episode import new_quarantine, past_starts, same_episode
from tests.examples import job_json, start, start_request

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob

FIRST = "2026-11-22T21:14:09.1234567Z"
"""Before the start."""
SECOND = "2026-11-23T10:06:00Z"
"""After it."""
MINUTES = timedelta(minutes=1)


def job(code: str = "Quarantine", **status: Any) -> SynchronizationJob:
    parsed = parse_job(job_json(code, **status))
    assert parsed is not None
    return parsed


def quarantine(series_began: str | None, current_began: str | None = None) -> SynchronizationJob:
    return job(quarantine={"reason": "Unknown", "seriesBegan": series_began, "currentBegan": current_began})


UNSEEN = {"reason": Reason.START_ACCEPTED, "code_after": JobCode.PAUSED}
"""A start whose effect did not show."""


@pytest.mark.parametrize(
    ("then", "today", "minutes", "changes", "expected"),
    [
        pytest.param(
            quarantine(FIRST), quarantine(FIRST), 600, {}, True, id="the same quarantine, or a stale read of it"
        ),
        pytest.param(quarantine(FIRST), quarantine("2026-11-20T00:00:00Z"), 1, {}, True, id="one before the start"),
        pytest.param(quarantine(FIRST), quarantine(SECOND), 1, {}, False, id="a new quarantine"),
        pytest.param(quarantine(FIRST), quarantine(FIRST, SECOND), 1, {}, False, id="imposed once more since"),
        pytest.param(quarantine(FIRST), job("Paused"), 1, {}, False, id="another state"),
        pytest.param(quarantine(FIRST), job("Active"), 1, {}, False, id="running"),
        pytest.param(quarantine(None), quarantine(None), 9, {}, True, id="no dates, soon"),
        pytest.param(quarantine(None), quarantine(None), 10, {}, False, id="no dates, later"),
        pytest.param(quarantine(None), quarantine(FIRST), 11, {}, True, id="a date at last"),
        pytest.param(quarantine("0001-01-01T00:00:00Z"), quarantine(None), 11, {}, False, id="an empty date"),
        pytest.param(quarantine(FIRST), quarantine(FIRST), 600, {"fate": Reason.NO_SUCCESSFUL_RUN}, False, id="told"),
        pytest.param(quarantine(FIRST), quarantine(FIRST), 600, {"fate": Reason.RUNNING_AGAIN}, True, id="recovered"),
        pytest.param(job("Paused"), job("Paused"), 9, UNSEEN, True, id="one pause"),
        pytest.param(job("Paused"), job("Paused"), 10, UNSEEN, False, id="one pause, later"),
        pytest.param(job("Paused"), job("Paused"), 1, {"reason": Reason.RESUMED}, False, id="paused again"),
        pytest.param(
            job("Paused"), job("Paused"), 1, {"reason": Reason.FIRST_CYCLE_RUNNING}, False, id="in the first cycle"
        ),
        pytest.param(
            job("Paused"), job("Paused"), 1, {**UNSEEN, "fate": Reason.RUNNING_AGAIN}, False, id="seen running"
        ),
        pytest.param(job("Paused"), quarantine(SECOND), 1, {}, False, id="in quarantine now"),
    ],
)
def test_same_episode(
    then: SynchronizationJob, today: SynchronizationJob, minutes: int, changes: dict[str, Any], *, expected: bool
) -> None:
    earlier = start(before=then, **changes)
    assert same_episode(earlier, today, earlier.at + minutes * MINUTES) is expected


@pytest.mark.parametrize(
    ("now", "minutes", "is_new"),
    [
        pytest.param(quarantine(SECOND), 2, True, id="series after the start"),
        pytest.param(quarantine(FIRST, SECOND), 2, True, id="imposed after the start"),
        pytest.param(quarantine(FIRST), 600, False, id="a stale read"),
        pytest.param(quarantine(None), 9, False, id="no dates, soon"),
        pytest.param(quarantine(None), 10, True, id="no dates, seen running long ago"),
        pytest.param(job("Active", quarantine={"reason": "Unknown", "seriesBegan": SECOND}), 2, False, id="running"),
    ],
)
def test_new_quarantine(now: SynchronizationJob, minutes: int, *, is_new: bool) -> None:
    earlier = start()
    assert (new_quarantine(now, earlier, earlier.at + minutes * MINUTES) is not None) is is_new


@pytest.mark.parametrize(
    ("accepted", "today", "counts"),
    [(True, FIRST, True), (True, SECOND, True), (False, FIRST, False), (False, SECOND, True)],
)
def test_a_start_of_unknown_effect_counts_once_its_episode_is_over(today: str, *, accepted: bool, counts: bool) -> None:
    earlier = start() if accepted else start(reason=None, code_after=None)
    entry = Entry(job=start_request().job, latest=earlier)
    past = past_starts(entry, quarantine(today), earlier.at + MINUTES)
    assert [start.at for start in past] == ([earlier.at] if counts else [])
    assert all(start.state is not State.STARTING for start in past)


def test_a_job_without_entry_has_no_past() -> None:
    assert past_starts(None, job(), start().at) == ()
