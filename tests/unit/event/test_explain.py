"""The message and the advice of an ending."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from shared.event.advice import advice
from shared.event.explain import message
from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.ledger.expansion import LeftJob, WhyLeft
from shared.ledger.fate import Fate
from shared.outcome import Outcome, Reason
from shared.request.reference import JobReference
from shared.starting.ending import Ending
from tests.examples import APP_ID, JOB, PRINCIPAL, job_json, start, start_request

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob

THE_JOB = JobReference(PRINCIPAL, None, JOB)
PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
NOTHING_TO_DO = {
    Reason.RESUMED,
    Reason.FIRST_CYCLE_RUNNING,
    Reason.DRY_RUN,
    Reason.JOBS_QUEUED,
    Reason.NOTHING_TO_START,
    Reason.RUNNING_AGAIN,
    Reason.STARTED_AGAIN,
}


LEFT = LeftJob("a", "Active", WhyLeft.RUNNING)
NEW = LeftJob("n", "Paused", WhyLeft.NEVER_ENABLED)
FAILURE = {"code": "CredentialValidationFailure", "message": "No."}
CAUSE = "CredentialValidationFailure: No"


def job(code: str = "Quarantine", **status: Any) -> SynchronizationJob:
    parsed = parse_job(job_json(code, **status))
    assert parsed is not None
    return parsed


def ending(reason: Reason, **facts: Any) -> Ending:
    known = {"before": job(), "operation": "read", "error": "404 NotFound", "starts": (start(),), "left": (LEFT,)}
    return Ending(reason=reason, **{**known, **facts})


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize("reference", [THE_JOB, JobReference(app_id=APP_ID), None])
def test_every_reason_is_said_in_one_line(reason: Reason, reference: JobReference | None) -> None:
    sentence = message(ending(reason), reference)
    assert re.fullmatch(r"\S[^\n]*[^.\s]\.", sentence)
    if reference is not None:
        assert "None" not in sentence.replace("None of", "")


@pytest.mark.parametrize("reason", list(Reason))
def test_advice_is_given_exactly_where_something_is_to_do(reason: Reason) -> None:
    text = advice(ending(reason))
    assert (text is None) is (reason in NOTHING_TO_DO)
    assert text is None or re.fullmatch(r"[A-Z][^\n]*\.", text)


@pytest.mark.parametrize(
    ("ended", "sentence"),
    [
        (
            ending(Reason.QUARANTINE_CLEARED, before=job(quarantine={"reason": "Unknown", "error": FAILURE})),
            f"Job {JOB} was in quarantine (Unknown: {CAUSE}). The app started it, and it is Active again.",
        ),
        (
            ending(Reason.START_ACCEPTED, before=job(quarantine=None), code_after=JobCode.PAUSED),
            f"Job {JOB} was in quarantine. Graph accepted the start, but the job's state afterwards was still Paused.",
        ),
        (
            ending(Reason.START_ACCEPTED, before=job("Paused"), code_after=""),
            f"Job {JOB} was paused. Graph accepted the start, but the job's state afterwards was still unknown.",
        ),
        (
            ending(Reason.START_ACCEPTED, before=job("Paused"), code_after=None),
            f"Job {JOB} was paused. Graph accepted the start, but the app could not read the job afterwards.",
        ),
        (
            ending(Reason.NOT_STARTABLE, before=job("NotRun")),
            f"Job {JOB} is NotRun. The app starts a job only in the state Quarantine or Paused.",
        ),
        (
            ending(Reason.NOT_STARTABLE, before=job("")),
            f"Job {JOB} is in an unknown state. The app starts a job only in the state Quarantine or Paused.",
        ),
        (
            ending(Reason.NOTHING_TO_START, left=(LEFT, LEFT, NEW)),
            "No job of this application is in a requested state (found: Active, Paused, never enabled).",
        ),
        (ending(Reason.NOTHING_TO_START, left=()), "The application has no provisioning job."),
        (
            ending(Reason.BAD_REQUEST, operation="start", error="400 BadRequest Something is off."),
            f"Graph refused to start {PATH} (400 BadRequest Something is off).",
        ),
        (
            ending(Reason.NOT_ALLOWED),
            f"servicePrincipals/{PRINCIPAL} is not in ALLOWED_SERVICE_PRINCIPALS. The app did not call Graph.",
        ),
        (
            ending(Reason.JOBS_QUEUED, queued=(start_request(),), left=()),
            "The app queued a request for 1 job.",
        ),
        (
            ending(Reason.JOBS_QUEUED, queued=(start_request(), start_request())),
            "The app queued a request for each of 2 jobs. It left 1 other job unchanged (Active).",
        ),
    ],
)
def test_sentence(ended: Ending, sentence: str) -> None:
    assert message(ended, THE_JOB) == sentence


@pytest.mark.parametrize(
    ("ended", "reference", "sentence"),
    [
        (
            ending(Reason.RESUMED, before=job("Paused")),
            THE_JOB,
            f"Contoso: the job was paused. The app started it, and it is Active again. (Job {JOB}.)",
        ),
        (
            ending(Reason.BAD_REQUEST, operation="start", error="400 BadRequest"),
            THE_JOB,
            f"Contoso: Graph refused to start the job (400 BadRequest). (Job {JOB}.)",
        ),
        (
            ending(Reason.BAD_REQUEST, operation="list", error="400 BadRequest"),
            JobReference(PRINCIPAL),
            "Contoso: Graph refused to list the application's jobs (400 BadRequest).",
        ),
        (
            ending(Reason.NOT_ALLOWED),
            THE_JOB,
            f"Contoso: the application is not in ALLOWED_SERVICE_PRINCIPALS. The app did not call Graph. (Job {JOB}.)",
        ),
    ],
    ids=["started", "refused", "list refused", "not allowed"],
)
def test_a_known_name_comes_first_and_the_id_last(ended: Ending, reference: JobReference, sentence: str) -> None:
    assert message(ended, reference, "Contoso") == sentence


def test_a_job_that_was_left_alone_is_reported() -> None:
    for reason in Reason:
        if reason.outcome is Outcome.HELD:
            assert "app did not start" in message(ending(reason), THE_JOB)


def test_not_found_is_advised_on_by_what_was_looked_for() -> None:
    by_operation = {operation: advice(ending(Reason.NOT_FOUND, operation=operation)) for operation in ("read", "start")}
    by_operation |= {"list": advice(ending(Reason.NOT_FOUND, operation="list"))}
    by_operation |= {"resolve": advice(ending(Reason.NOT_FOUND, operation="resolve"))}
    assert by_operation["read"] == by_operation["start"]
    assert all("object id" in str(by_operation[operation]) for operation in ("read", "list"))
    assert "jobId" in str(by_operation["read"])
    assert "jobId" not in str(by_operation["list"])
    assert "no enterprise application" in str(by_operation["resolve"])


def test_permission_to_resolve_an_application_is_another_one() -> None:
    assert "Synchronization.ReadWrite.All" in str(advice(ending(Reason.PERMISSION_MISSING, operation="start")))
    assert "Application.Read.All" in str(advice(ending(Reason.PERMISSION_MISSING, operation="resolve")))


def test_jobs_in_other_states_need_no_advice() -> None:
    assert advice(ending(Reason.NOTHING_TO_START)) is None
    assert "jobId" in str(advice(ending(Reason.NOTHING_TO_START, left=(LEFT, NEW))))
    assert "is the right application" in str(advice(ending(Reason.NOTHING_TO_START, left=())))


ERROR = {"code": "TargetRefused", "message": "The target answered 401.", "tenantActionable": True}
RUN = {"state": "Failed", "timeBegan": "2026-11-23T09:00:00Z", "timeEnded": "2026-11-23T09:01:00Z"}
CAUSES = {
    "the quarantine's error": {"quarantine": {"reason": "Unknown", "error": ERROR}},
    "the last run's error alone": {"quarantine": {"reason": "Unknown"}, "lastExecution": {**RUN, "error": ERROR}},
    "no date, no error": {"quarantine": {"reason": "Unknown"}, "lastExecution": {"error": {"code": "None"}}},
}


def relapse(**status: Any) -> Ending:
    now = job(**status)
    fate = Fate(
        reason=Reason.QUARANTINED_AGAIN,
        started_at=start().at,
        seen_at=start().at,
        code=now.code,
        quarantine=now.quarantine,
        lasted_seconds=60,
        last_execution=now.last_execution,
    )
    return Ending(reason=fate.reason, before=job("Paused"), fate=fate)


@pytest.mark.parametrize("status", CAUSES.values(), ids=list(CAUSES))
def test_the_cause_is_in_the_sentence_and_the_advice_points_at_it(status: dict[str, Any]) -> None:
    is_known = "TargetRefused" in str(status)
    endings = [ending(Reason.QUARANTINE_CLEARED, before=job(**status)), ending(Reason.RELAPSING, before=job(**status))]
    for ended in (*endings, relapse(**status)):
        assert ("TargetRefused: The target answered 401" in message(ended, THE_JOB)) is is_known
        assert ("error shown for this quarantine" in str(advice(ended))) is is_known
        assert "None" not in message(ended, THE_JOB)


@pytest.mark.parametrize(
    "reason", [Reason.QUARANTINE_CLEARED, Reason.RESUMED, Reason.RELAPSING, Reason.QUARANTINED_AGAIN]
)
def test_an_error_that_the_tenant_cannot_fix_has_no_advice_to_fix_it(reason: Reason) -> None:
    status: dict[str, Any] = {"quarantine": {"reason": "Unknown", "error": {**ERROR, "tenantActionable": False}}}
    ended = relapse(**status) if reason is Reason.QUARANTINED_AGAIN else ending(reason, before=job(**status))
    text = str(advice(ended))
    assert "Microsoft" in text
    assert not re.search("Fix|fix the|[Rr]enew", text)


def test_a_schedule_that_was_off_is_told() -> None:
    disabled = parse_job({**job_json(), "schedule": {"state": "Disabled", "interval": "PT40M"}})
    sentence = message(ending(Reason.QUARANTINE_CLEARED, before=disabled), THE_JOB)
    assert "was in quarantine with its schedule off (" in sentence


def test_escrows_say_which_restart_helps() -> None:
    escrows = job(quarantine={"reason": "EncounteredEscrowProportionThreshold"})
    for reason in (Reason.RELAPSING, Reason.QUARANTINE_CLEARED):
        text = str(advice(ending(reason, before=escrows)))
        assert "provisioning logs" in text
        assert "restart provisioning" in text
        assert "full cycle" in text


def test_an_application_id_that_may_not_be_looked_up_needs_a_permission_or_the_object_id() -> None:
    reading = advice(ending(Reason.PERMISSION_AWAITED, operation="read"))
    resolving = advice(ending(Reason.PERMISSION_AWAITED, operation="resolve"))
    assert "Application.Read.All" in str(resolving)
    assert "servicePrincipalId" in str(resolving)
    assert "Synchronization.ReadWrite.All" in str(reading)
