"""The decision as a table: job, request, settings → start, or the reason not to."""

from __future__ import annotations

from typing import Any

import pytest

from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.outcome import HOLDABLE, Reason
from shared.settings import Settings
from shared.starting.decision import decide
from tests.examples import job_json, start_request

START = None
QUARANTINE, PAUSED = JobCode.QUARANTINE, JobCode.PAUSED


def decision(job: dict[str, Any], *, held: frozenset[Reason] = HOLDABLE, **request: Any) -> Reason | None:
    parsed = parse_job(job)
    assert parsed is not None
    return decide(parsed, start_request(**request), Settings(held_reasons=held))


def quarantined(reason: str | None) -> dict[str, Any]:
    return job_json(quarantine={"reason": reason})


@pytest.mark.parametrize(
    ("job", "request_", "expected"),
    [
        (job_json("Active"), {}, Reason.ALREADY_ACTIVE),
        (job_json("Active"), {"force": True}, Reason.ALREADY_ACTIVE),
        (job_json("Active"), {"dry_run": True}, Reason.ALREADY_ACTIVE),
        (job_json("NotRun"), {"force": True}, Reason.NOT_STARTABLE),
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
        (job_json("Paused", quarantine={"reason": "TooManyDeletes"}), {}, START),
        (job_json("Quarantine"), {"dry_run": True}, Reason.DRY_RUN),
        (quarantined("TooManyDeletes"), {"dry_run": True, "force": True}, Reason.DRY_RUN),
    ],
)
def test_decision(job: dict[str, Any], request_: dict[str, Any], expected: Reason | None) -> None:
    assert decision(job, **request_) is expected


@pytest.mark.parametrize("earlier", [Reason.ALREADY_STARTED, Reason.RELAPSING])
@pytest.mark.parametrize(
    ("job", "request_", "expected"),
    [
        (job_json("Active"), {}, Reason.ALREADY_ACTIVE),
        (job_json("Quarantine"), {}, None),
        (job_json("Quarantine"), {"dry_run": True}, None),
        (job_json("Quarantine"), {"start_when": frozenset({PAUSED})}, Reason.STATE_NOT_REQUESTED),
        (quarantined("TooManyDeletes"), {}, Reason.TOO_MANY_DELETES),
        (quarantined("TooManyDeletes"), {"force": True, "dry_run": True}, Reason.DRY_RUN),
    ],
)
def test_earlier_starts_speak_against_a_start_that_nothing_else_prevents(
    job: dict[str, Any], request_: dict[str, Any], expected: Reason | None, earlier: Reason
) -> None:
    parsed = parse_job(job)
    assert parsed is not None
    assert decide(parsed, start_request(**request_), Settings(), earlier) is (expected or earlier)


def test_force_overrides_earlier_starts() -> None:
    parsed = parse_job(job_json())
    assert parsed is not None
    assert decide(parsed, start_request(force=True), Settings(), Reason.RELAPSING) is START


@pytest.mark.parametrize("reason", sorted(HOLDABLE))
def test_a_hold_that_the_settings_leave_out_does_not_hold(reason: Reason) -> None:
    jobs = {
        Reason.TOO_MANY_DELETES: quarantined("TooManyDeletes"),
        Reason.QUARANTINED_ON_DEMAND: quarantined("QuarantinedOnDemand"),
        Reason.ESCROWS_PRUNED: job_json("Paused", escrowsPruned=True),
    }
    assert decision(jobs[reason], held=HOLDABLE - {reason}) is START
    assert decision(jobs[reason], held=frozenset({reason})) is reason
