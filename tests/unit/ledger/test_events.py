"""The events of the ledger's reasons match the published schema, and say what a person needs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.event.status_event import StatusEvent
from shared.graph.credential_check import CheckResult, CredentialCheck
from shared.graph.job import Execution, parse_job
from shared.job_code import JobCode
from shared.ledger.fate import Fate
from shared.mark import say
from shared.outcome import Reason
from shared.starting.ending import Ending, ending_of
from tests.examples import JOB, REQUEST_ID, WHEN, check_event, job_json, start, start_request

BEFORE = parse_job(job_json())
CAUSE = "SystemForCrossDomainIdentityManagementCredentialValidationFailure: No"
START = start()
SEEN_AT = START.at + timedelta(minutes=42)
RUN = Execution("EntryLevelErrors", "2026-11-23T10:30:00Z", "2026-11-23T10:31:00Z")


def recovery(fate: Reason, **changes: Any) -> Ending:
    seen = Fate(reason=fate, started_at=START.at, seen_at=SEEN_AT, code=JobCode.ACTIVE, last_execution=RUN)
    seen = seen._replace(**changes)
    return Ending(reason=fate, before=BEFORE, code_after=seen.code, fate=seen)


def event(ending: Ending) -> dict[str, Any]:
    request = start_request()
    made = StatusEvent(
        site_name="contoso",
        request_id=REQUEST_ID,
        requested_by=request.requested_by,
        requested_at=WHEN,
        began_at=WHEN,
        finished_at=SEEN_AT,
        ending=ending,
        job=request.job,
    )
    return check_event(made.to_json())


@pytest.mark.parametrize(
    ("ending", "kind", "message"),
    [
        (
            Ending(reason=Reason.ALREADY_STARTED, before=BEFORE, starts=(START,)),
            "Skipped",
            (
                f"Job {JOB} was started at 2026-11-23T10:05:00.000Z by an earlier request ({REQUEST_ID}, "
                f"from http). It is still in quarantine (EncounteredQuarantineException: {CAUSE})."
            ),
        ),
        (
            Ending(reason=Reason.RELAPSING, before=BEFORE, starts=(START, START, START)),
            "Held",
            (
                f"Job {JOB} was started 3 times since 2026-11-23T10:05:00.000Z, and is in quarantine "
                f"again (EncounteredQuarantineException: {CAUSE}). The app did not start it again."
            ),
        ),
        (
            Ending(reason=Reason.RELAPSING, before=parse_job(job_json("Paused")), starts=(START,)),
            "Held",
            (
                f"Job {JOB} was started once since 2026-11-23T10:05:00.000Z, and is paused again. "
                "The app did not start it again."
            ),
        ),
        (
            Ending(
                reason=Reason.CREDENTIALS_INVALID,
                before=BEFORE,
                error="400 InvalidCredentials",
                credential_check=CredentialCheck(CheckResult.INVALID, "400 InvalidCredentials"),
            ),
            "Held",
            f"The saved credentials of job {JOB} do not work (400 InvalidCredentials). The app did not start the job.",
        ),
        (
            recovery(Reason.RUNNING_AGAIN),
            "Recovered",
            f"Job {JOB} has recovered: a run that began after the start succeeded.",
        ),
        (
            recovery(
                Reason.RUNNING_WITH_ERRORS,
                last_execution=RUN._replace(count_exported=912, count_escrowed=3),
            ),
            "Recovered",
            f"Job {JOB} is running again. A run after the start wrote 912 entries; 3 more had errors.",
        ),
        (
            recovery(
                Reason.QUARANTINED_AGAIN,
                code=JobCode.QUARANTINE,
                lasted_seconds=2520,
                quarantine=BEFORE.quarantine if BEFORE else None,
            ),
            "Relapsed",
            (
                f"Job {JOB} is in quarantine again, 42 minutes after its start "
                f"(EncounteredQuarantineException: {CAUSE})."
            ),
        ),
        (
            recovery(Reason.NO_SUCCESSFUL_RUN),
            "Unconfirmed",
            (
                f"Job {JOB} was started, but the app has seen no run without errors since then (state: Active, "
                "last run: EntryLevelErrors)."
            ),
        ),
        (
            recovery(Reason.NO_SUCCESSFUL_RUN, code=None, last_execution=None, error="read answered 403"),
            "Unconfirmed",
            f"Job {JOB} was started, but the app has seen no run without errors since then (read answered 403).",
        ),
        (
            recovery(Reason.STARTED_AGAIN),
            "Unconfirmed",
            f"Job {JOB} was started again before the app knew whether this start helped.",
        ),
        (
            recovery(Reason.JOB_GONE, code=None, last_execution=None, error="read answered 404"),
            "Unconfirmed",
            f"Job {JOB} was started, but it no longer exists.",
        ),
    ],
)
def test_event(ending: Ending, kind: str, message: str) -> None:
    made = event(ending)
    assert made["type"] == f"EntraProvisioning.SynchronizationJob.Start{kind}"
    assert made["data"]["message"] == say(message)
    needs_nothing = {Reason.RUNNING_AGAIN, Reason.STARTED_AGAIN}
    assert ("advice" in made["data"]) is (ending.reason not in needs_nothing)


def test_earlier_starts_are_named_with_time_request_and_error() -> None:
    (named,) = event(Ending(reason=Reason.ALREADY_STARTED, before=BEFORE, starts=(START,)))["data"]["starts"]
    assert named == {
        "startedAt": "2026-11-23T10:05:00.000Z",
        "requestId": REQUEST_ID,
        "requestedBy": {"source": "http", "reference": "INC-7", "summary": "Quarantine of Contoso"},
        "forced": False,
        "state": "Started",
        "quarantineReason": "EncounteredQuarantineException",
        "error": "SystemForCrossDomainIdentityManagementCredentialValidationFailure: No.",
    }


def test_a_start_after_an_unavailable_check_says_so() -> None:
    check = CredentialCheck(CheckResult.UNAVAILABLE, "validateCredentials answered 500")
    data = event(ending_of(START._replace(credential_check=check)))["data"]
    assert data["credentialCheck"] == {"result": "unavailable", "detail": "validateCredentials answered 500"}


def test_one_request_has_an_event_id_for_each_reason() -> None:
    unconfirmed = [event(recovery(reason))["id"] for reason in (Reason.NO_SUCCESSFUL_RUN, Reason.STARTED_AGAIN)]
    assert len({event(recovery(Reason.RUNNING_AGAIN))["id"], *unconfirmed}) == 3
    assert event(recovery(Reason.STARTED_AGAIN))["id"] == unconfirmed[1]
