"""POST /api/start-requests/{source} on Microsoft's runtime library."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import TYPE_CHECKING

import pytest

from tests.examples import JOB, PRINCIPAL, SCHEMAS, check_event, open_message
from tests.runtime.app import REPOSITORY, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.app import App

EVENTS = REPOSITORY / "tests" / "events"
TICKET = json.dumps({"servicePrincipalId": PRINCIPAL, "jobId": JOB})
SECRET = "a secret of the tests"


@pytest.fixture(scope="module")
def signed_app() -> Iterator[App]:
    """The app with a secret for Jira."""
    with running(WEBHOOK_SECRET_JIRA=SECRET) as app:
        yield app


def test_an_alert_of_several_jobs_is_queued(app: App) -> None:
    alert = (EVENTS / "azure-monitor" / "log-alert-of-several-jobs.json").read_bytes()
    status, answer, outputs = app.post(alert, source="azure-monitor")
    assert (status, list(outputs)) == (202, ["requests"])
    (text,) = outputs["requests"]
    queued = open_message(text)
    for request in queued:
        SCHEMAS["start-request"].validate(request)
    assert len(queued) > 1
    assert [request["requestId"] for request in queued] == [item["requestId"] for item in answer["accepted"]]


def test_a_test_notification_is_reported_at_once(app: App) -> None:
    alert = (EVENTS / "azure-monitor" / "test-notification-of-log-alert.json").read_bytes()
    status, answer, outputs = app.post(alert, source="azure-monitor")
    assert (status, list(outputs)) == (200, ["status"])
    (event,) = (check_event(open_message(text)) for text in outputs["status"])
    assert (event["data"]["outcome"], event["data"]["reason"]) == ("rejected", "no_job_reference")
    assert event["data"]["requestId"] == answer["requestId"]


def test_the_source_of_the_route_counts_without_case(app: App) -> None:
    status, _, outputs = app.post(TICKET, source="ServiceNow")
    assert status == 202
    assert open_message(outputs["requests"][0])["requestedBy"]["source"] == "servicenow"


def test_an_unknown_source_is_a_problem_that_lists_the_known_ones(app: App) -> None:
    status, problem, outputs = app.post(TICKET, source="contoso")
    assert (status, problem["status"], outputs) == (404, 404, {})
    assert "zendesk" in problem["detail"]


def test_the_signature_is_checked_over_the_bytes_that_came(signed_app: App) -> None:
    body = (EVENTS / "jira" / "issue-created.json").read_bytes() + b"\r\n"
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert signed_app.post(body, source="jira", X_Hub_Signature=signature)[0] == 202
    status, problem, outputs = signed_app.post(body.strip(), source="jira", X_Hub_Signature=signature)
    assert (status, problem["status"], outputs) == (401, 401, {})
    assert SECRET not in json.dumps(problem)


def test_a_sender_is_told_whether_it_may_send(app: App) -> None:
    status, headers = app.options("generic", webhook_request_origin="eventgrid.azure.net")
    assert status == 200
    assert (headers["webhook-allowed-origin"], headers["allow"]) == ("eventgrid.azure.net", "POST, OPTIONS")
    assert app.options("remedy", webhook_request_origin="eventgrid.azure.net")[0] == 404
