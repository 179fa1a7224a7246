"""The fate of a start as a table."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.outcome import Reason
from shared.recovery.fate import fate_before, fate_of, fate_of_unreadable
from tests.examples import job_json, start

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob

START = start()
BEFORE, LATER, AFTER = "2026-11-23T10:04:59Z", "2026-11-23T10:05:00Z", "2026-11-23T11:05:00.1234567Z"
NO_DATE = "0001-01-01T00:00:00Z"
SOON, LATE = START.at + timedelta(hours=2), START.follow_until


def run(state: str, began: str | None, ended: str | None = AFTER) -> dict[str, Any]:
    return {"state": state, "timeBegan": began, "timeEnded": ended}


def active(last: dict[str, Any] | None = None, successful: dict[str, Any] | None = None) -> SynchronizationJob:
    return job(job_json("Active", lastExecution=last, lastSuccessfulExecution=successful))


def quarantined(series_began: str | None, current_began: str | None = None) -> SynchronizationJob:
    return job(job_json(quarantine={"reason": "Unknown", "seriesBegan": series_began, "currentBegan": current_began}))


def job(value: dict[str, Any]) -> SynchronizationJob:
    parsed = parse_job(value)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (active(), None),
        (active(run("Succeeded", BEFORE)), None),
        (active(run("Succeeded", LATER)), Reason.RUNNING_AGAIN),
        (active(run("Succeeded", AFTER)), Reason.RUNNING_AGAIN),
        (active(run("succeeded", AFTER)), Reason.RUNNING_AGAIN),
        (active(run("Failed", AFTER)), None),
        (active(run("EntryLevelErrors", AFTER)), None),
        (active({**run("EntryLevelErrors", AFTER), "countExported": 912}), Reason.RUNNING_WITH_ERRORS),
        (active({**run("EntryLevelErrors", AFTER), "countExported": 0}), None),
        (active({**run("EntryLevelErrors", BEFORE), "countExported": 912}), None),
        (active({**run("Failed", AFTER), "countExported": 912}), None),
        (active(run("Succeeded", NO_DATE, AFTER)), Reason.RUNNING_AGAIN),
        (active(run("Succeeded", None, BEFORE)), None),
        (active(run("Succeeded", "", "")), None),
        (active(run("Failed", AFTER), run("Succeeded", AFTER)), Reason.RUNNING_AGAIN),
        (active(run("Failed", AFTER), run("Succeeded", BEFORE)), None),
        (active(None, run("", AFTER)), Reason.RUNNING_AGAIN),
        (quarantined(AFTER), Reason.QUARANTINED_AGAIN),
        (quarantined(BEFORE), None),
        (quarantined(None), Reason.QUARANTINED_AGAIN),
        (job(job_json("Paused", lastExecution=run("Succeeded", AFTER))), None),
        (job(job_json("NotRun")), None),
        (job(job_json("NotRun", lastExecution=run("Succeeded", AFTER))), Reason.RUNNING_AGAIN),
    ],
)
def test_fate(now: SynchronizationJob, expected: Reason | None) -> None:
    soon, late = fate_of(START, now, SOON), fate_of(START, now, LATE)
    assert (soon.reason if soon else None) is expected
    assert late is not None
    assert late.reason is (expected or Reason.NO_SUCCESSFUL_RUN)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (quarantined(BEFORE, BEFORE), None),
        (quarantined(None), None),
        (quarantined(BEFORE, AFTER), Reason.QUARANTINED_AGAIN),
        (quarantined(AFTER, None), Reason.QUARANTINED_AGAIN),
    ],
)
def test_a_start_that_did_not_show_has_relapsed_only_in_a_new_quarantine(
    now: SynchronizationJob, expected: Reason | None
) -> None:
    unseen = start(reason=Reason.START_ACCEPTED, code_after=JobCode.QUARANTINE)
    fate = fate_of(unseen, now, SOON)
    assert (fate.reason if fate else None) is expected


@pytest.mark.parametrize(
    ("now", "seconds"), [(quarantined(AFTER), 3600), (quarantined(BEFORE, AFTER), 3600), (quarantined(None), 7200)]
)
def test_a_relapse_says_how_long_it_went_well(now: SynchronizationJob, seconds: int) -> None:
    fate = fate_of(START, now, SOON)
    assert fate is not None
    assert (fate.lasted_seconds, fate.quarantine) == (seconds, now.quarantine)


def test_a_job_that_is_gone_is_reported_at_once_and_an_unreadable_one_at_the_deadline() -> None:
    gone = fate_of_unreadable(START, SOON, gone=True, error="404")
    assert gone is not None
    assert gone.reason is Reason.JOB_GONE
    assert fate_of_unreadable(START, SOON, gone=False, error="403") is None
    unreadable = fate_of_unreadable(START, LATE, gone=False, error="403")
    assert unreadable is not None
    assert (unreadable.reason, unreadable.error) == (Reason.NO_SUCCESSFUL_RUN, "403")


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (quarantined(AFTER), Reason.QUARANTINED_AGAIN),
        (job(job_json("Paused")), Reason.STARTED_AGAIN),
    ],
)
def test_the_next_start_reports_the_fate_of_the_one_before(before: SynchronizationJob, expected: Reason) -> None:
    following = start(at=SOON, before=before)
    fate = fate_before(START, following)
    assert (fate.reason, fate.seen_at) == (expected, SOON)
