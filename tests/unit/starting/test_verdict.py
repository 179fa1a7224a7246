"""The verdict as a table: job, request, settings, past starts → start, or the reason not to."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.outcome import HOLDABLE, Reason
from shared.settings import Settings
from shared.starting.verdict import judge
from tests.examples import job_json, start, start_request

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Start

START = None
"""The reason of a verdict that starts the job."""
NOW = start().at
QUARANTINE, PAUSED = JobCode.QUARANTINE, JobCode.PAUSED


def verdict(value: dict[str, Any], *, held: frozenset[Reason] = HOLDABLE, **request: Any) -> Reason | None:
    return judge(job(value), start_request(**request), Settings(held_reasons=held), past=(), now=NOW).reason


def quarantined(reason: str | None, series_began: str | None = None) -> dict[str, Any]:
    return job_json(quarantine={"reason": reason, "seriesBegan": series_began})


def job(value: dict[str, Any]) -> SynchronizationJob:
    parsed = parse_job(value)
    assert parsed is not None
    return parsed


@pytest.mark.parametrize(
    ("value", "request_", "expected"),
    [
        pytest.param(job_json("Active"), {}, Reason.ALREADY_ACTIVE, id="Active"),
        pytest.param(job_json("Active"), {"force": True}, Reason.ALREADY_ACTIVE, id="Active, forced"),
        pytest.param(job_json("Active"), {"dry_run": True}, Reason.ALREADY_ACTIVE, id="Active, dry run"),
        pytest.param(job_json("NotRun"), {"force": True}, Reason.NOT_STARTABLE, id="NotRun, forced"),
        pytest.param(job_json("NotConfigured"), {}, Reason.NOT_STARTABLE, id="NotConfigured"),
        pytest.param(job_json("Hibernating"), {"force": True}, Reason.NOT_STARTABLE, id="unknown state, forced"),
        pytest.param(job_json(""), {}, Reason.NOT_STARTABLE, id="no state"),
        pytest.param(job_json("Quarantine"), {}, START, id="quarantine"),
        pytest.param(job_json("quarantine"), {}, START, id="quarantine, lower case"),
        pytest.param(job_json("Paused"), {}, START, id="paused"),
        pytest.param(
            job_json("Paused"),
            {"start_when": frozenset({QUARANTINE})},
            Reason.STATE_NOT_REQUESTED,
            id="paused, not asked for",
        ),
        pytest.param(
            job_json("Quarantine"),
            {"start_when": frozenset({PAUSED})},
            Reason.STATE_NOT_REQUESTED,
            id="quarantine, not asked for",
        ),
        pytest.param(
            job_json("Paused"),
            {"start_when": frozenset({QUARANTINE}), "force": True},
            Reason.STATE_NOT_REQUESTED,
            id="paused, not asked for, forced",
        ),
        pytest.param(quarantined("TooManyDeletes"), {}, Reason.TOO_MANY_DELETES, id="too many deletes"),
        pytest.param(quarantined("tooManyDeletes"), {}, Reason.TOO_MANY_DELETES, id="too many deletes, other case"),
        pytest.param(quarantined("TooManyDeletes"), {"force": True}, START, id="too many deletes, forced"),
        pytest.param(
            quarantined("TooManyDeletes"), {"dry_run": True}, Reason.TOO_MANY_DELETES, id="too many deletes, dry run"
        ),
        pytest.param(quarantined("QuarantinedOnDemand"), {}, Reason.QUARANTINED_ON_DEMAND, id="quarantined on demand"),
        pytest.param(quarantined("QuarantineOnDemand"), {}, Reason.QUARANTINED_ON_DEMAND, id="quarantine on demand"),
        pytest.param(quarantined("QuarantineOnDemand"), {"force": True}, START, id="quarantine on demand, forced"),
        pytest.param(quarantined("EncounteredEscrowProportionThreshold"), {}, START, id="escrow proportion"),
        pytest.param(quarantined("SomethingNew"), {}, START, id="unknown quarantine"),
        pytest.param(quarantined(None), {}, START, id="quarantine without reason"),
        pytest.param(job_json("Quarantine", quarantine=None), {}, START, id="quarantine null"),
        pytest.param(job_json("Quarantine", escrowsPruned=True), {}, START, id="quarantine, escrows pruned"),
        pytest.param(job_json("Paused", escrowsPruned=True), {}, Reason.ESCROWS_PRUNED, id="paused, escrows pruned"),
        pytest.param(
            job_json("Paused", escrowsPruned=True), {"force": True}, START, id="paused, escrows pruned, forced"
        ),
        pytest.param(
            job_json("Paused", quarantine={"reason": "TooManyDeletes"}), {}, START, id="paused, old quarantine"
        ),
        pytest.param(job_json("Quarantine"), {"dry_run": True}, Reason.DRY_RUN, id="quarantine, dry run"),
        pytest.param(
            quarantined("TooManyDeletes"),
            {"dry_run": True, "force": True},
            Reason.DRY_RUN,
            id="too many deletes, dry run, forced",
        ),
    ],
)
def test_verdict(value: dict[str, Any], request_: dict[str, Any], expected: Reason | None) -> None:
    assert verdict(value, **request_) is expected


PAST = {
    Reason.ALREADY_STARTED: (start(),),
    Reason.RELAPSING: tuple(
        start(at=NOW - timedelta(hours=hours), before=job(quarantined("Unknown", "2026-11-20T00:00:00Z")))
        for hours in (3, 2, 1)
    ),
}
"""Past starts that speak against one more."""


@pytest.mark.parametrize("objection", PAST)
@pytest.mark.parametrize(
    ("value", "request_", "expected"),
    [
        pytest.param(job_json("Active"), {}, Reason.ALREADY_ACTIVE, id="Active"),
        pytest.param(job_json("Quarantine"), {}, None, id="quarantine"),
        pytest.param(job_json("Quarantine"), {"dry_run": True}, None, id="quarantine, dry run"),
        pytest.param(
            job_json("Quarantine"), {"start_when": frozenset({PAUSED})}, Reason.STATE_NOT_REQUESTED, id="not asked for"
        ),
        pytest.param(quarantined("TooManyDeletes"), {}, Reason.TOO_MANY_DELETES, id="too many deletes"),
        pytest.param(
            quarantined("TooManyDeletes"),
            {"force": True, "dry_run": True},
            Reason.DRY_RUN,
            id="too many deletes, forced, dry run",
        ),
        pytest.param(job_json("Quarantine"), {"force": True}, START, id="forced"),
    ],
)
def test_past_starts_speak_against_a_start_that_nothing_else_prevents(
    value: dict[str, Any], request_: dict[str, Any], expected: Reason | None, objection: Reason
) -> None:
    found = judge(job(value), start_request(**request_), Settings(), past=PAST[objection], now=NOW)
    is_overridden = request_.get("force", False)
    assert found.reason is (expected if is_overridden else expected or objection)


def quarantine(series_began: str | None) -> SynchronizationJob:
    return job(job_json(quarantine={"reason": "Unknown", "seriesBegan": series_began}))


def several(*hours_ago: float, forced: bool = False) -> tuple[Start, ...]:
    return tuple(start(at=NOW - timedelta(hours=hours), forced=forced) for hours in hours_ago)


FIRST = "2026-11-22T21:14:09.1234567Z"
SECOND = "2026-11-23T09:00:00Z"


@pytest.mark.parametrize(
    ("past", "today", "expected", "named"),
    [
        pytest.param((), SECOND, None, 0, id="no start"),
        pytest.param(several(1), FIRST, Reason.ALREADY_STARTED, 1, id="one, same quarantine"),
        pytest.param(several(1, forced=True), FIRST, Reason.ALREADY_STARTED, 1, id="forced, same quarantine"),
        pytest.param(several(3, 2), SECOND, None, 0, id="two, new quarantine"),
        pytest.param(several(3, 2, 1), SECOND, Reason.RELAPSING, 3, id="three, new quarantine"),
        pytest.param(several(24, 2, 1), SECOND, None, 0, id="two in a day"),
        pytest.param(several(3, 2, 1, forced=True), SECOND, None, 0, id="three forced"),
        pytest.param(
            (*several(4, 3), *several(2, forced=True), *several(1)),
            SECOND,
            Reason.RELAPSING,
            3,
            id="three in four, one forced",
        ),
        pytest.param(several(4, 3, 2, 1), FIRST, Reason.ALREADY_STARTED, 1, id="four, same quarantine"),
    ],
)
def test_objection_of_past_starts(past: tuple[Start, ...], today: str, expected: Reason | None, named: int) -> None:
    found = judge(quarantine(today), start_request(), Settings(), past=past, now=NOW)
    assert (found.reason, len(found.starts)) == (expected, named)


def test_limit_and_window_are_settings() -> None:
    settings = Settings(start_limit=1, start_window=timedelta(hours=2))
    for hours, expected in ((1, Reason.RELAPSING), (3, None)):
        assert judge(quarantine(SECOND), start_request(), settings, past=several(hours), now=NOW).reason is expected


@pytest.mark.parametrize("reason", sorted(HOLDABLE))
def test_a_hold_that_the_settings_leave_out_does_not_hold(reason: Reason) -> None:
    jobs = {
        Reason.TOO_MANY_DELETES: quarantined("TooManyDeletes"),
        Reason.QUARANTINED_ON_DEMAND: quarantined("QuarantinedOnDemand"),
        Reason.ESCROWS_PRUNED: job_json("Paused", escrowsPruned=True),
    }
    assert verdict(jobs[reason], held=HOLDABLE - {reason}) is START
    assert verdict(jobs[reason], held=frozenset({reason})) is reason
