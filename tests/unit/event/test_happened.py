"""What happened, as a status event and a line in the log."""

from __future__ import annotations

import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.event.happened import fate_known, no_request_found, watch_refused, work_ended
from shared.graph.client import GraphCall
from shared.job_code import JobCode
from shared.ledger.fate import Fate
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.starting.ending import Ending
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, WHEN, check_event, start, start_request

if TYPE_CHECKING:
    from shared.event.status_event import StatusEvent

SITE = "fabrikam-start"
CALLS = (GraphCall("read", 200, "r-1", REQUEST_ID, 12),)
PARENT = "7e0d4c55-5a3f-4c7e-8b0d-9f1e2d3c4b5a"
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def ended(reason: Reason, job: JobReference | None = None) -> StatusEvent:
    request = start_request(traceparent=TRACEPARENT, parent_request_id=PARENT)
    return work_ended(
        request,
        Ending(reason=reason, job=job),
        site_name=SITE,
        began_at=WHEN + timedelta(seconds=3),
        finished_at=WHEN + timedelta(seconds=4, milliseconds=250),
        calls=CALLS,
    )


def test_the_event_of_work_has_what_the_request_says_and_when_it_was_worked_on() -> None:
    told = check_event(ended(Reason.ALREADY_ACTIVE).to_json())
    data = told["data"]
    assert (told["source"], told["traceparent"]) == (f"/start-job-function/{SITE}", TRACEPARENT)
    assert (data["requestId"], data["parentRequestId"]) == (REQUEST_ID, PARENT)
    assert data["requestedBy"] == {"source": "http", "reference": "INC-7", "summary": "Quarantine of Contoso"}
    assert data["job"] == {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
    assert [call["clientRequestId"] for call in data["graph"]] == [REQUEST_ID]
    assert (data["requestedAt"], data["processingStartedAt"], data["finishedAt"]) == (
        "2026-11-23T10:00:00.000Z",
        "2026-11-23T10:00:03.000Z",
        "2026-11-23T10:00:04.250Z",
    )


def test_the_job_that_the_work_found_stands_for_the_one_that_was_asked_for() -> None:
    found = JobReference(PRINCIPAL, APP_ID, "found")
    assert ended(Reason.RESUMED, job=found).job == found


def test_only_the_event_of_a_request_that_was_given_up_holds_the_request() -> None:
    given_up = ended(Reason.GAVE_UP).request
    assert given_up is not None
    assert given_up["requestId"] == REQUEST_ID
    assert ended(Reason.NOT_FOUND).request is None


def test_what_holds_no_request_is_told_with_its_text_and_without_a_job() -> None:
    event = no_request_found(
        Ending(reason=Reason.UNREADABLE_MESSAGE, error="The message is empty"),
        site_name=SITE,
        request_id=REQUEST_ID,
        requested_by=RequestedBy("queue"),
        came_at=WHEN,
        read_at=WHEN + timedelta(minutes=1),
        received="?!",
        traceparent=TRACEPARENT,
    )
    told = check_event(event.to_json())
    assert "subject" not in told
    assert "job" not in told["data"]
    assert told["traceparent"] == TRACEPARENT
    assert told["data"]["received"] == "?!"
    assert told["data"]["requestedAt"] == "2026-11-23T10:00:00.000Z"
    assert told["data"]["processingStartedAt"] == told["data"]["finishedAt"] == "2026-11-23T10:01:00.000Z"


@pytest.mark.parametrize(
    ("application", "subject"),
    [(JobReference(app_id=APP_ID), f"servicePrincipals(appId='{APP_ID}')"), (None, None)],
)
def test_a_refused_watch_names_the_application_where_there_is_one(
    application: JobReference | None, subject: str | None
) -> None:
    event = watch_refused(
        Ending(reason=Reason.NOT_FOUND, job=application, operation="resolve", error="No."),
        site_name=SITE,
        request_id=REQUEST_ID,
        requested_by=RequestedBy("watch"),
        seen_at=WHEN,
        calls=CALLS,
    )
    told = check_event(event.to_json())
    assert told.get("subject") == subject
    assert [call["operation"] for call in told["data"]["graph"]] == ["read"]


def test_a_fate_is_told_of_the_start_by_both_ids_of_the_application(caplog: pytest.LogCaptureFixture) -> None:
    began = start(start_request(traceparent=TRACEPARENT, parent_request_id=PARENT), app_id=APP_ID)
    seen_at = began.at + timedelta(hours=2)
    fate = Fate(reason=Reason.QUARANTINED_AGAIN, started_at=began.at, seen_at=seen_at, code=JobCode.QUARANTINE)
    with caplog.at_level(logging.INFO):
        event = fate_known(began, fate, JobReference(PRINCIPAL, None, JOB.lower()), site_name=SITE, calls=CALLS)
    data = check_event(event.to_json())["data"]
    assert data["job"]["servicePrincipalId"] == PRINCIPAL
    assert data["job"]["appId"] == APP_ID
    assert data["job"]["codeBefore"] == data["job"]["codeAfter"] == "Quarantine"
    assert (data["requestId"], data["parentRequestId"]) == (REQUEST_ID, PARENT)
    assert (data["jobStartedAt"], data["finishedAt"]) == ("2026-11-23T10:05:00.000Z", "2026-11-23T12:05:00.000Z")
    assert data["recovery"]["seenAt"] == "2026-11-23T12:05:00.000Z"
    (record,) = caplog.records
    assert record.levelno == logging.WARNING
    assert record.getMessage().startswith(f"start_fate_known requestId={REQUEST_ID} outcome=relapsed ")


@pytest.mark.parametrize(
    ("reason", "level", "name"),
    [
        (Reason.QUARANTINE_CLEARED, logging.INFO, "start_request_ended"),
        (Reason.NOTHING_TO_START, logging.INFO, "start_request_ended"),
        (Reason.JOBS_QUEUED, logging.INFO, "start_request_ended"),
        (Reason.TOO_MANY_DELETES, logging.WARNING, "start_request_ended"),
        (Reason.NOT_FOUND, logging.WARNING, "start_request_ended"),
        (Reason.INVALID_REQUEST, logging.WARNING, "start_request_ended"),
        (Reason.GRAPH_UNAVAILABLE, logging.WARNING, "start_request_delayed"),
    ],
)
def test_every_event_is_one_line_in_the_log_which_warns_where_a_person_may_be_needed(
    reason: Reason, level: int, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        ended(reason)
    (record,) = caplog.records
    assert record.levelno == level
    words = record.getMessage().split()
    assert words[0] == name
    assert {f"reason={reason}", f"jobId={JOB}", "requestedBy=http", "reference=INC-7", "durationMs=1250"} <= set(words)


def test_status_events_are_made_in_one_place() -> None:
    root = Path(__file__).parents[3]
    files = [*root.glob("shared/**/*.py"), *root.glob("start_job_function/*.py")]
    makers = [file.name for file in files if re.search(r"(?<!class )StatusEvent\(", file.read_text(encoding="utf-8"))]
    assert makers == ["happened.py"]
