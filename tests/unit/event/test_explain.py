"""Endings in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from shared.event.explain import advice, message
from shared.graph.job import parse_job
from shared.job_code import JobCode
from shared.outcome import Outcome, Reason
from shared.request.reference import JobReference
from shared.starting.ending import Ending
from tests.examples import APP_ID, JOB, PRINCIPAL, job_json, start, start_request

if TYPE_CHECKING:
    from shared.graph.job import SynchronizationJob

THE_JOB = JobReference(PRINCIPAL, None, JOB)
PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
NOTHING_TO_DO = {
    Reason.QUARANTINE_CLEARED,
    Reason.RESUMED,
    Reason.ALREADY_ACTIVE,
    Reason.DRY_RUN,
    Reason.JOBS_QUEUED,
    Reason.RUNNING_AGAIN,
    Reason.STARTED_AGAIN,
}


def job(code: str = "Quarantine", **status: Any) -> SynchronizationJob:
    parsed = parse_job(job_json(code, **status))
    assert parsed is not None
    return parsed


def ending(reason: Reason, **facts: Any) -> Ending:
    known = {"before": job(), "operation": "read", "error": "404 NotFound", "starts": (start(),)}
    return Ending(reason=reason, **{**known, **facts})


@pytest.mark.parametrize("reason", list(Reason))
@pytest.mark.parametrize(
    "reference",
    [
        pytest.param(THE_JOB, id="job"),
        pytest.param(JobReference(app_id=APP_ID), id="app id"),
        pytest.param(None, id="none"),
    ],
)
def test_every_reason_is_one_sentence(reason: Reason, reference: JobReference | None) -> None:
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
        pytest.param(
            ending(Reason.QUARANTINE_CLEARED, code_after=JobCode.ACTIVE),
            f"Job {JOB} was in quarantine (EncounteredQuarantineException); it was started and is Active again.",
            id="quarantine cleared",
        ),
        pytest.param(
            ending(Reason.START_ACCEPTED, before=job(quarantine=None), code_after=JobCode.PAUSED),
            f"Job {JOB} was in quarantine; Graph accepted the start, but right after it the job's state was Paused.",
            id="accepted, still Paused",
        ),
        pytest.param(
            ending(Reason.START_ACCEPTED, before=job("Paused"), code_after=""),
            f"Job {JOB} was paused; Graph accepted the start, but right after it the job's state was unknown.",
            id="accepted, no code",
        ),
        pytest.param(
            ending(Reason.START_ACCEPTED, before=job("Paused"), code_after=None),
            f"Job {JOB} was paused; Graph accepted the start, but the job could not be read after it.",
            id="accepted, not read",
        ),
        pytest.param(
            ending(Reason.NOT_STARTABLE, before=job("NotRun")),
            f"Job {JOB} is NotRun; only a job in the state Quarantine or Paused is started.",
            id="NotRun",
        ),
        pytest.param(
            ending(Reason.NOT_STARTABLE, before=job("")),
            f"Job {JOB} is in an unknown state; only a job in the state Quarantine or Paused is started.",
            id="no code",
        ),
        pytest.param(
            ending(Reason.NOTHING_TO_START, codes=("Active", "")),
            "None of the service principal's jobs is in a state that the request asks to start: Active, unknown.",
            id="no startable job",
        ),
        pytest.param(ending(Reason.NOTHING_TO_START), "The service principal has no provisioning job.", id="no job"),
        pytest.param(
            ending(Reason.BAD_REQUEST, operation="start", error="400 BadRequest Something is off."),
            f"Graph refused to start {PATH} (400 BadRequest Something is off).",
            id="refused",
        ),
        pytest.param(
            ending(Reason.NOT_ALLOWED),
            f"servicePrincipals/{PRINCIPAL} is not in ALLOWED_SERVICE_PRINCIPALS; Graph was not called.",
            id="not allowed",
        ),
        pytest.param(
            ending(Reason.JOBS_QUEUED, queued=(start_request(),)),
            "1 job is queued, each as a request of its own.",
            id="one job queued",
        ),
        pytest.param(
            ending(Reason.JOBS_QUEUED, queued=(start_request(), start_request())),
            "2 jobs are queued, each as a request of its own.",
            id="two jobs queued",
        ),
    ],
)
def test_sentence(ended: Ending, sentence: str) -> None:
    assert message(ended, THE_JOB) == sentence


def test_a_job_that_was_left_alone_is_said_to_be_so() -> None:
    for reason in Reason:
        if reason.outcome is Outcome.HELD:
            assert "it was not started" in message(ending(reason), THE_JOB)


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
    assert advice(ending(Reason.NOTHING_TO_START, codes=("Active",))) is None
