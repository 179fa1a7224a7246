"""Status events match the published schema, fit into a queue message, and contain no secret."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.event.status_event import MAX_CALLS, StatusEvent
from shared.graph.client import GraphCall
from shared.graph.job import SynchronizationJob, parse_job
from shared.job_code import JobCode
from shared.ledger.expansion import LeftJob, WhyLeft
from shared.ledger.fate import Fate
from shared.outcome import Outcome, Reason
from shared.request.message import MAX_MESSAGE
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.starting.ending import Ending, Waited
from shared.text import MAX_TEXT
from tests.examples import (
    APP_ID,
    JOB,
    PRINCIPAL,
    REQUEST_ID,
    WHEN,
    check_event,
    job_json,
    open_message,
    start,
    start_request,
)

FATES = {Outcome.RECOVERED, Outcome.RELAPSED, Outcome.UNCONFIRMED}
WIDE = "\U0001f4a5"
"""A character that takes twelve bytes in a message."""


def job(code: str = "Quarantine", **status: Any) -> SynchronizationJob:
    parsed = parse_job(job_json(code, **status))
    assert parsed is not None
    return parsed


def event(reason: Reason = Reason.QUARANTINE_CLEARED, *, ending: Ending | None = None, **changes: Any) -> StatusEvent:
    values: dict[str, Any] = {
        "site_name": "contoso-start",
        "request_id": REQUEST_ID,
        "requested_by": RequestedBy("http", "INC-7", "Quarantine of Contoso"),
        "requested_at": WHEN,
        "began_at": WHEN + timedelta(seconds=1),
        "finished_at": WHEN + timedelta(seconds=2),
        "ending": ending or Ending(reason=reason, before=job(), code_after=JobCode.ACTIVE),
        "job": JobReference(PRINCIPAL, None, JOB),
    }
    return StatusEvent(**{**values, **changes})


def call(operation: str = "read", request_id: str | None = "r-1") -> GraphCall:
    return GraphCall(operation, 200, request_id, REQUEST_ID, 12)


def test_event_of_a_start_has_all_properties() -> None:
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    told = check_event(event(calls=(call(), call("start", None)), traceparent=traceparent).to_json())
    assert told == {
        "specversion": "1.0",
        "id": told["id"],
        "source": "/start-job-function/contoso-start",
        "type": "EntraProvisioning.SynchronizationJob.StartStarted",
        "subject": f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}",
        "time": "2026-11-23T10:00:02.000Z",
        "datacontenttype": "application/json",
        "traceparent": traceparent,
        "data": {
            "outcome": "started",
            "reason": "quarantine_cleared",
            "message": told["data"]["message"],
            "advice": told["data"]["advice"],
            "requestId": REQUEST_ID,
            "requestedBy": {"source": "http", "reference": "INC-7", "summary": "Quarantine of Contoso"},
            "job": {
                "servicePrincipalId": PRINCIPAL,
                "jobId": JOB,
                "templateId": "scim",
                "codeBefore": "Quarantine",
                "codeAfter": "Active",
                "quarantine": {
                    "reason": "EncounteredQuarantineException",
                    "seriesBegan": "2026-11-22T21:14:09.1234567Z",
                    "currentBegan": "2026-11-23T03:14:09.7654321Z",
                    "seriesCount": 3,
                    "error": {
                        "code": "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
                        "message": "No.",
                    },
                },
                "schedule": {"state": "Active", "interval": "PT40M"},
            },
            "graph": [
                {
                    "operation": "read",
                    "status": 200,
                    "requestId": "r-1",
                    "clientRequestId": REQUEST_ID,
                    "durationMs": 12,
                },
                {
                    "operation": "start",
                    "status": 200,
                    "requestId": None,
                    "clientRequestId": REQUEST_ID,
                    "durationMs": 12,
                },
            ],
            "requestedAt": "2026-11-23T10:00:00.000Z",
            "processingStartedAt": "2026-11-23T10:00:01.000Z",
            "finishedAt": "2026-11-23T10:00:02.000Z",
        },
    }


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_makes_a_valid_event(reason: Reason) -> None:
    ending = Ending(
        reason=reason,
        before=job(),
        operation="read",
        error="404 NotFound",
        queued=(start_request(),) if reason is Reason.JOBS_QUEUED else (),
        starts=(start(),) if reason in {Reason.ALREADY_STARTED, Reason.RELAPSING} else (),
        fate=Fate(reason=reason, started_at=WHEN, seen_at=WHEN) if reason.outcome in FATES else None,
        waited=Waited(WHEN, 3, WHEN) if reason.outcome is Outcome.DELAYED else None,
    )
    told = check_event(event(ending=ending).to_json())
    assert told["type"].endswith(f"Start{reason.outcome.capitalize()}")


def test_an_event_without_a_job_has_no_subject() -> None:
    ending = Ending(reason=Reason.UNREADABLE_MESSAGE, error="The message is empty")
    told = check_event(event(ending=ending, job=None, received="").to_json())
    assert "subject" not in told
    assert "job" not in told["data"]
    assert told["data"]["received"] == ""


def test_the_subject_has_an_applications_path_in_graph() -> None:
    told = check_event(event(job=JobReference(app_id=APP_ID)).to_json())
    assert told["subject"] == f"servicePrincipals(appId='{APP_ID}')"


def test_id_is_the_same_for_the_same_request_and_ending_only() -> None:
    first = event()
    assert first._replace(finished_at=WHEN + timedelta(hours=1), calls=(call(),)).event_id == first.event_id
    others = {event(Reason.GAVE_UP).event_id, event(request_id=APP_ID).event_id}
    assert len(others | {first.event_id}) == 3


def test_one_id_never_has_two_contents() -> None:
    held = Ending(reason=Reason.TOO_MANY_DELETES, before=job())
    later = Ending(reason=Reason.TOO_MANY_DELETES, before=job(quarantine={"seriesBegan": "2026-11-24T08:00:00Z"}))
    assert event(ending=held).event_id != event(ending=later).event_id


def test_only_the_last_calls_are_listed() -> None:
    calls = tuple(call(request_id=f"r-{number}") for number in range(MAX_CALLS + 5))
    listed = event(calls=calls).to_json()["data"]["graph"]
    assert [listed[0]["requestId"], listed[-1]["requestId"], len(listed)] == ["r-5", f"r-{MAX_CALLS + 4}", MAX_CALLS]


def test_text_from_elsewhere_is_shortened_visibly() -> None:
    received = event(received="x" * (MAX_TEXT + 1)).to_json()["data"]["received"]
    assert (len(received), received[-2:]) == (MAX_TEXT, "x…")
    assert event(received="x" * MAX_TEXT).to_json()["data"]["received"] == "x" * MAX_TEXT


def test_an_event_that_fits_is_sent_as_it_is() -> None:
    assert open_message(event().to_message()) == event().to_json()


LONG = WIDE * 20_000
ASKED = start_request(
    job=JobReference(PRINCIPAL, None, "x" * 200), requested_by=RequestedBy(WIDE * 64, WIDE * 256, WIDE * 512)
)
LARGEST = {
    "graph_error": Ending(reason=Reason.BAD_REQUEST, operation="read", error=LONG),
    "held": Ending(
        reason=Reason.TOO_MANY_DELETES,
        before=job(LONG)._replace(
            template_id=LONG,
            quarantine=job(
                quarantine={
                    "reason": LONG,
                    "seriesBegan": LONG,
                    "currentBegan": LONG,
                    "nextAttempt": LONG,
                    "error": {"code": LONG, "message": LONG},
                }
            ).quarantine,
        ),
        code_after=LONG,
    ),
    "many_jobs": Ending(
        reason=Reason.JOBS_QUEUED, queued=tuple(ASKED.for_job(f"{number}{'x' * 190}") for number in range(2000))
    ),
    "many_left": Ending(
        reason=Reason.NOTHING_TO_START,
        left=tuple(LeftJob(f"{number}{'x' * 190}", WIDE * 200, WhyLeft.NOT_STARTABLE) for number in range(2000)),
    ),
    "gave_up": Ending(reason=Reason.GAVE_UP),
}


@pytest.mark.parametrize("ending", LARGEST.values(), ids=list(LARGEST))
def test_the_largest_event_fits_into_a_message(ending: Ending) -> None:
    largest = event(
        ending=ending,
        requested_by=ASKED.requested_by,
        job=ASKED.job._replace(app_id=APP_ID),
        calls=tuple(call(request_id="ÿ" * 10_000) for _ in range(100)),
        request=ASKED.to_json(),
        received=LONG,
        parent_request_id=APP_ID,
    )
    text = largest.to_message()
    assert len(text) <= MAX_MESSAGE
    told = check_event(open_message(text))
    assert told["id"] == largest.event_id
    assert told["data"]["requestId"] == REQUEST_ID


def test_a_principal_with_many_jobs_names_as_many_as_fit() -> None:
    queued = tuple(start_request(job=JobReference(PRINCIPAL)).for_job(f"{JOB}.{number}") for number in range(1000))
    whole = event(ending=Ending(reason=Reason.JOBS_QUEUED, queued=queued))
    told = open_message(whole.to_message())
    listed = told["data"]["queued"]
    assert len(listed) > 100
    assert listed == whole.to_json()["data"]["queued"][: len(listed)]
    assert "1000 jobs" in told["data"]["message"]
    assert told["data"]["queuedTotal"] == 1000


def test_lists_that_are_whole_have_no_total() -> None:
    left = (LeftJob(JOB, "Active", WhyLeft.RUNNING),)
    told = check_event(event(ending=Ending(reason=Reason.JOBS_QUEUED, queued=(start_request(),), left=left)).to_json())
    assert not told["data"].keys() & {"queuedTotal", "leftTotal"}


def test_an_application_with_many_jobs_that_are_left_says_how_many() -> None:
    left = tuple(LeftJob(f"{JOB}.{number}", "Active", WhyLeft.RUNNING) for number in range(1200))
    whole = event(ending=Ending(reason=Reason.NOTHING_TO_START, left=left))
    told = check_event(open_message(whole.to_message()))
    assert len(told["data"]["left"]) < 1200
    assert told["data"]["leftTotal"] == 1200


def test_control_characters_in_the_message_are_escapes() -> None:
    ending = Ending(reason=Reason.INVALID_REQUEST, error="/a\x1b[2J\u202eb: unknown field")
    told = check_event(event(ending=ending, job=None).to_json())
    assert "/a\\x1b[2J\\u202eb: unknown field" in told["data"]["message"]
