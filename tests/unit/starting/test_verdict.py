"""The verdict as a table: job, request, settings, past starts → start, or the reason against it."""

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
        (job_json("Active"), {}, Reason.ALREADY_ACTIVE),
        (job_json("Active"), {"force": True}, Reason.ALREADY_ACTIVE),
        (job_json("Active"), {"dry_run": True}, Reason.ALREADY_ACTIVE),
        (job_json("NotRun"), {"force": True}, Reason.ALREADY_ACTIVE),
        (job_json("NotRun"), {"start_when": frozenset({QUARANTINE})}, Reason.ALREADY_ACTIVE),
        ({**job_json("NotRun"), "schedule": {"state": "Disabled"}}, {"force": True}, Reason.NOT_STARTABLE),
        ({**job_json("NotRun"), "schedule": None}, {}, Reason.NOT_STARTABLE),
        ({**job_json("Paused"), "schedule": {"state": "Disabled"}}, {}, START),
        ({**job_json("Quarantine"), "schedule": {"state": "Disabled"}}, {}, START),
        (job_json("NotConfigured"), {}, Reason.NOT_STARTABLE),
        (job_json("Hibernating"), {"force": True}, Reason.NOT_STARTABLE),
        (job_json(""), {}, Reason.NOT_STARTABLE),
        (job_json("Quarantine"), {}, START),
        (job_json("quarantine"), {}, START),
        (job_json("Paused"), {}, START),
        (job_json("Paused"), {"start_when": frozenset({QUARANTINE})}, Reason.STATE_NOT_REQUESTED),
        (job_json("Quarantine"), {"start_when": frozenset({PAUSED})}, Reason.STATE_NOT_REQUESTED),
        (job_json("Paused"), {"start_when": frozenset({QUARANTINE}), "force": True}, Reason.STATE_NOT_REQUESTED),
        (quarantined("TooManyDeletes"), {}, Reason.TOO_MANY_DELETES),
        (quarantined("tooManyDeletes"), {}, Reason.TOO_MANY_DELETES),
        (quarantined("TooManyDeletes"), {"force": True}, START),
        (quarantined("TooManyDeletes"), {"dry_run": True}, Reason.TOO_MANY_DELETES),
        (quarantined("QuarantinedOnDemand"), {}, Reason.QUARANTINED_ON_DEMAND),
        (quarantined("QuarantineOnDemand"), {}, Reason.QUARANTINED_ON_DEMAND),
        (quarantined("QuarantineOnDemand"), {"force": True}, START),
        (quarantined("EncounteredEscrowProportionThreshold"), {}, START),
        (quarantined("SomethingNew"), {}, START),
        (quarantined(None), {}, START),
        (job_json("Quarantine", quarantine=None), {}, START),
        (job_json("Quarantine", escrowsPruned=True), {}, START),
        (job_json("Paused", escrowsPruned=True), {}, Reason.ESCROWS_PRUNED),
        (job_json("Paused", escrowsPruned=True), {"force": True}, START),
        (job_json("Paused", quarantine={"reason": "TooManyDeletes"}), {}, Reason.TOO_MANY_DELETES),
        (job_json("Paused", quarantine={"reason": "TooManyDeletes"}), {"force": True}, START),
        (job_json("Paused", quarantine={"reason": "QuarantineOnDemand"}), {}, Reason.QUARANTINED_ON_DEMAND),
        (job_json("Paused", quarantine={"reason": "Unknown"}, escrowsPruned=True), {}, Reason.ESCROWS_PRUNED),
        (job_json("Paused", quarantine={"reason": "", "error": {"code": "Expired"}}), {}, START),
        (job_json("Quarantine"), {"dry_run": True}, Reason.DRY_RUN),
        (quarantined("TooManyDeletes"), {"dry_run": True, "force": True}, Reason.DRY_RUN),
    ],
)
def test_verdict(value: dict[str, Any], request_: dict[str, Any], expected: Reason | None) -> None:
    assert verdict(value, **request_) is expected


PAST = {
    Reason.ALREADY_STARTED: (start(),),
    Reason.RELAPSING: tuple(
        start(at=NOW - timedelta(hours=hours), before=job(quarantined("Unknown", "2026-11-20T00:00:00Z")))
        for hours in (23, 22, 21)
    ),
}
"""Past starts that rule out another one."""


@pytest.mark.parametrize("objection", PAST)
@pytest.mark.parametrize(
    ("value", "request_", "expected"),
    [
        (job_json("Active"), {}, Reason.ALREADY_ACTIVE),
        (job_json("Quarantine"), {}, None),
        (job_json("Quarantine"), {"dry_run": True}, None),
        (job_json("Quarantine"), {"start_when": frozenset({PAUSED})}, Reason.STATE_NOT_REQUESTED),
        (quarantined("TooManyDeletes"), {}, Reason.TOO_MANY_DELETES),
        (quarantined("TooManyDeletes"), {"force": True, "dry_run": True}, Reason.DRY_RUN),
        (job_json("Quarantine"), {"force": True}, START),
    ],
)
def test_past_starts_rule_out_a_start_that_nothing_else_prevents(
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
SECOND = "2026-11-23T10:00:00Z"


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
