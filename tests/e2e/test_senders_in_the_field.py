"""Senders as they behave in practice: the app ignores its own texts, and every failure is reported."""

from __future__ import annotations

import uuid
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.client.delivery import request_ids
from shared.request.reference import JobReference
from tests.e2e.options import IMPATIENT, quick

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.parts.system import LocalSystem, Options
    from tests.e2e.tenant import Tenant


def adf(text: str) -> dict[str, Any]:
    """A comment as Jira Cloud stores it."""
    words = [{"type": "text", "text": part} for part in text.partition(" says")]
    return {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": words}]}


FORMS: dict[str, Callable[[str], Any]] = {
    "plain text": str,
    "wiki markup": lambda text: f"{{panel:title=Status}}*{text}*{{panel}}\n{{quote}}{text}{{quote}}",
    "ADF": adf,
    "HTML": lambda text: f'<div class="x"><p><strong>{escape(text).replace(" ", "&nbsp;", 2)}</strong></p></div>',
}
NOTES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "jira": lambda note: {
        "timestamp": 1795427892345,
        "webhookEvent": "comment_created",
        "comment": {"id": "10", "author": {"displayName": "Zoë", "accountType": "atlassian"}, "body": note},
        "issue": {"key": "IDM-7", "fields": {"summary": "Contoso HR", "comment": {"comments": [{"body": note}]}}},
    },
    "pagerduty": lambda note: {
        "event": {
            "id": str(uuid.uuid4()),
            "event_type": "incident.annotated",
            "data": {"incident": {"id": "P1", "summary": "Contoso HR"}, "type": "incident_note", "content": note},
        }
    },
    "opsgenie": lambda note: {
        "action": "AddNote",
        "alert": {"alertId": "og-1", "message": "Contoso HR", "note": note, "updatedAt": 1795427892645},
    },
}


@pytest.fixture(scope="module")
def options() -> Options:
    """A job that does not exist ends in not_found after two seconds."""
    return quick(settings=IMPATIENT)


def post(system: LocalSystem, source: str, body: Any, **headers: str) -> requests.Response:
    return system.app.post(body, route=f"start-requests/{source}", headers=headers)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("source", NOTES)
def test_the_app_does_not_hear_itself(system: LocalSystem, tenant: Tenant, source: str, form: str) -> None:
    # For a job that does not exist, the event's message has its path.
    path = str(JobReference(tenant.principal, None, "scim.not-there"))
    first = post(system, source, NOTES[source](f"Please start {path}"))
    (request_id,) = request_ids(first.json())
    event = tenant.event(request_id)
    assert path in event["data"]["message"]

    for _ in range(3):
        told = FORMS[form](f"{event['subject']}: {event['data']['message']} {event['data']['advice']}")
        answer = post(system, source, NOTES[source](told))
        assert (answer.status_code, answer.json()["accepted"]) == (200, [])
        assert len(answer.json()["ignored"]) == 1
    assert tenant.later_events() == []


def test_a_refused_template_is_reported_once(system: LocalSystem) -> None:
    reference = str(uuid.uuid4())
    body = {"servicePrincipalId": "", "jobId": " ", "requestedBy": {"reference": reference}}
    answers = [post(system, "zendesk", body) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {400}
    (request_id,) = {answer.json()["requestId"] for answer in answers}
    event = system.app.events.of(request_id)
    assert event["data"]["reason"] == "no_job_reference"
    assert event["data"]["requestedBy"] == {"source": "zendesk", "reference": reference}
    assert system.app.events.read() == []


def test_bodies_of_every_kind_of_refusal_are_reported(system: LocalSystem) -> None:
    for body, headers in ((b'{"a": ', {"Content-Type": "application/json"}), (b"x=1", {"Content-Type": "text/plain"})):
        answer = system.app.post(body, route="start-requests/servicenow", headers=headers)
        event = system.app.events.of(answer.json()["requestId"])
        assert event["data"]["reason"] == "invalid_request"
        assert answer.json()["detail"].removesuffix(".") in event["data"]["message"]


def test_handshakes_of_event_grid_are_answered(system: LocalSystem) -> None:
    code = str(uuid.uuid4())
    validation = [{"eventType": "Microsoft.EventGrid.SubscriptionValidationEvent", "data": {"validationCode": code}}]
    answer = post(system, "azure-monitor", validation, **{"aeg-event-type": "SubscriptionValidation"})
    assert (answer.status_code, answer.json()) == (200, {"validationResponse": code})

    url = f"{system.functions}/api/start-requests/azure-monitor"
    asked = {"WebHook-Request-Origin": "eventgrid.azure.net", "x-functions-key": system.function_key}
    session = requests.Session()
    session.trust_env = False
    allowed = session.options(url, headers=asked, timeout=60)
    assert allowed.status_code == 200
    assert allowed.headers["WebHook-Allowed-Origin"] == "eventgrid.azure.net"
    assert allowed.headers["WebHook-Allowed-Rate"] == "*"
    assert "POST" in allowed.headers["Allow"]
    assert session.options(url, headers={"WebHook-Request-Origin": "x"}, timeout=60).status_code == 401
    assert system.app.events.read() == []
