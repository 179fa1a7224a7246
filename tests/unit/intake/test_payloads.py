"""Payloads of the known kinds of senders: the answer, the messages on queues, and what is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from shared.errors import MAX_FAULTS
from shared.intake.payloads import take
from shared.intake.sources import SOURCES
from shared.intake.sources.search import MAX_DEPTH, MAX_VALUES
from shared.settings import Settings
from tests.examples import APP_ID, JOB, PRINCIPAL, WHEN, check_event

if TYPE_CHECKING:
    from shared.intake.keys import WebhookKeys

JSON = {"content-type": "application/json"}
PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
DIRECT = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
SECRET = "a secret of the tests"
SIGNED = {"jira": (SECRET.encode(),)}
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def post(
    source: str, value: Any, keys: WebhookKeys | None = None, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    taken = take(source, body, {**JSON, **(headers or {})}, Settings(), keys or {}, now=WHEN)
    answer = json.loads(taken.answer.body)
    if taken.answer.status >= 400:
        assert taken.answer.content_type == "application/problem+json"
        assert answer["status"] == taken.answer.status
        assert not taken.requests
        assert bool(taken.events) == ("requestId" in answer)
    return taken.answer.status, answer


def jira(*texts: Any) -> dict[str, Any]:
    return {"webhookEvent": "jira:issue_created", "issue": list(texts)}


def fired(**data: Any) -> dict[str, Any]:
    essentials = {"alertId": "/alerts/1", "alertRule": "Quarantine", "monitorCondition": "Fired"}
    return {"schemaId": "azureMonitorCommonAlertSchema", "data": {"essentials": essentials, **data}}


def test_unknown_source_is_told_the_known_ones() -> None:
    status, answer = post("remedy", DIRECT)
    assert status == 404
    assert all(name in answer["detail"] for name in SOURCES)


def test_source_is_known_in_any_case() -> None:
    assert post("ServiceNow", DIRECT)[0] == 202


def test_body_must_be_json_of_bearable_size() -> None:
    assert post("zendesk", DIRECT, headers={"content-type": "text/plain"})[0] == 415
    assert post("zendesk", b" " * (1024 * 1024 + 1))[0] == 413
    assert post("zendesk", b"", headers={"transfer-encoding": "chunked"})[0] == 411
    assert post("zendesk", b"\x1f\x8b", headers={"content-encoding": "gzip"})[0] == 415
    for body in (b"", b"{", b"\xff", b'{"a":1,"a":2}', b"[" * 100_000, b"NaN"):
        status, answer = post("zendesk", body)
        assert status == 400
        assert answer["detail"].startswith("The body is ")


def test_traceparent_goes_with_the_requests() -> None:
    body = json.dumps(DIRECT).encode()
    taken = take("zendesk", body, {**JSON, "traceparent": TRACEPARENT}, Settings(), {})
    assert [request.traceparent for request in taken.requests] == [TRACEPARENT]
    taken = take("pagerduty", json.dumps({"event": {"x": PATH}}).encode(), {**JSON, "traceparent": "?"}, Settings(), {})
    assert [request.traceparent for request in taken.requests] == [None]


def test_alert_without_reference_is_reported_as_an_event() -> None:
    body = json.dumps(fired(customProperties={"ServicePrincipalId": "unknown"})).encode()
    taken = take(
        "azure-monitor", body, {**JSON, "traceparent": TRACEPARENT}, Settings(site_name="contoso"), {}, now=WHEN
    )
    (event,) = (check_event(event.to_json()) for event in taken.events)
    assert (taken.answer.status, taken.requests) == (200, ())
    assert event["source"] == "/start-job-function/contoso"
    assert event["traceparent"] == TRACEPARENT
    assert "subject" not in event
    assert event["data"]["message"] == (
        "start-job-function says: The sender asks for a start, but names no valid provisioning job: "
        "/data/customProperties/ServicePrincipalId: must be a GUID."
    )
    assert "docs/senders" in event["data"]["advice"]


def test_texts_of_an_alert_are_cut_to_what_a_request_holds() -> None:
    alert = fired(customProperties={"AppId": APP_ID})
    alert["data"]["essentials"].update(alertId="x" * 9000, alertRule="y" * 9000)
    taken = take("azure-monitor", json.dumps(alert).encode(), JSON, Settings(), {})
    assert [len(text or "") for text in (taken.requests[0].requested_by.reference,)] == [256]
    assert [len(text or "") for text in (taken.requests[0].requested_by.summary,)] == [512]


def test_signature_is_checked_where_a_secret_is_set() -> None:
    body = json.dumps(jira(PATH)).encode()
    signature = f"sha256={hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()}"
    assert post("jira", body, SIGNED, {"x-hub-signature": signature})[0] == 202
    assert post("jira", body, SIGNED)[0] == 401
    assert post("jira", body + b" ", SIGNED, {"x-hub-signature": signature})[0] == 401
    assert post("jira", body)[0] == 202
    assert post("pagerduty", {"event": {}}, SIGNED)[0] == 200


def test_signature_is_checked_before_the_body_is_read() -> None:
    assert post("jira", b"no JSON", SIGNED)[0] == 401


def test_nothing_of_a_secret_is_answered_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps(jira(PATH)).encode()
    right = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    _, answer = post("jira", body, SIGNED, {"x-hub-signature": "sha256=" + "0" * 64})
    seen = f"{answer} {caplog.text}"
    assert "payload_taken source=jira status=401" in seen
    assert "signature_refused source=jira" in seen
    assert SECRET not in seen
    assert right not in seen


@pytest.mark.parametrize(
    ("text", "jobs"),
    [
        pytest.param(f"Start {PATH}.", [(PRINCIPAL, None, JOB)], id="in a sentence"),
        pytest.param(
            f"<https://graph.microsoft.com/v1.0/{PATH}/start>", [(PRINCIPAL, None, JOB)], id="URL in angle brackets"
        ),
        pytest.param(
            f"({PATH}), then /beta/{PATH.upper()}",
            [(PRINCIPAL, None, JOB), (PRINCIPAL, None, JOB.upper())],
            id="two jobs",
        ),
        pytest.param(f"{PATH} and {PATH}?x=1", [(PRINCIPAL, None, JOB)], id="one job twice"),
        pytest.param(
            f"servicePrincipals(appId='{APP_ID}')/synchronization/jobs/a%2Eb", [(None, APP_ID, "a.b")], id="by app id"
        ),
        pytest.param(f"servicePrincipals/{PRINCIPAL}", None, id="no job"),
        pytest.param("servicePrincipals/{id}/synchronization/jobs/{jobId}", None, id="template"),
    ],
)
def test_paths_are_found_within_text(text: str, jobs: list[tuple[str | None, str | None, str]] | None) -> None:
    taken = take("jira", json.dumps(jira({"fields": {"description": text}})).encode(), JSON, Settings(), {})
    found = [(request.job.service_principal_id, request.job.app_id, request.job.job_id) for request in taken.requests]
    assert found == (jobs or [])
    assert taken.answer.status == (202 if jobs else 200)


@pytest.mark.parametrize(
    ("fields", "rejected"),
    [
        pytest.param({"SERVICEPRINCIPALID": PRINCIPAL, "jobid": None}, None, id="names without case"),
        pytest.param({"servicePrincipalId": f" {PRINCIPAL} ", "JobId": f"{JOB} "}, None, id="spaces around"),
        pytest.param({"appId": APP_ID, "jobId": JOB}, None, id="app id"),
        pytest.param({"appId": 7, "jobId": JOB}, "#/issue/0/appId", id="app id as a number"),
        pytest.param({"servicePrincipalId": PRINCIPAL, "jobId": 7}, "#/issue/0/jobId", id="job id as a number"),
        pytest.param(
            {"servicePrincipalId": {}, "appId": APP_ID, "jobId": JOB},
            "#/issue/0/servicePrincipalId",
            id="object id as an object",
        ),
        pytest.param({"jobId": JOB}, "", id="no principal"),
        pytest.param({"appId": APP_ID}, "", id="no job"),
        pytest.param({"serviceprincipalid": None}, "", id="principal null"),
    ],
)
def test_ids_within_one_object_make_a_reference(fields: dict[str, Any], rejected: str | None) -> None:
    status, answer = post("jira", jira(fields))
    assert (status == 202) == (rejected is None)
    assert [item["pointer"] for item in answer["rejected"]] == ([rejected] if rejected else [])
    assert bool(answer["ignored"]) == (rejected == "")


def test_job_with_an_invalid_path_is_rejected_and_the_others_are_accepted() -> None:
    too_long = PATH.replace(JOB, "x" * 201)
    status, answer = post("jira", jira({"a/b": too_long}, PATH))
    assert (status, len(answer["accepted"])) == (202, 1)
    assert answer["rejected"] == [
        {"pointer": "#/issue/0/a~1b", "reason": "holds a Graph path whose job id can't be one"}
    ]


def nested(levels: int, inner: Any) -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner


def test_search_goes_to_a_depth_and_says_where_it_ended() -> None:
    assert post("jira", jira(nested(MAX_DEPTH - 2, PATH)))[0] == 202
    status, answer = post("jira", jira(PATH, nested(MAX_DEPTH - 1, PATH)))
    assert (status, len(answer["accepted"])) == (202, 1)
    assert f"deeper than {MAX_DEPTH} levels" in answer["rejected"][0]["reason"]


def test_search_goes_over_a_number_of_values_and_says_so() -> None:
    status, answer = post("jira", jira(PATH, *["x"] * MAX_VALUES, PATH.replace(JOB, "other")))
    assert (status, len(answer["accepted"])) == (202, 1)
    assert f"more than {MAX_VALUES} values" in answer["rejected"][0]["reason"]


def test_a_thousand_references_are_taken_and_the_rest_rejected() -> None:
    status, answer = post("jira", jira(*(PATH.replace(JOB, f"job-{number}") for number in range(1005))))
    assert (status, len(answer["accepted"])) == (202, 1000)
    assert answer["rejected"] == [{"pointer": "#/issue/1000", "reason": "is one reference too many; 1000 are allowed"}]


def test_answer_lists_a_bounded_number_of_rejected_references() -> None:
    status, answer = post("jira", jira(*[{"servicePrincipalId": 7}] * 500))
    assert (status, len(answer["rejected"])) == (200, MAX_FAULTS)


def test_names_chosen_by_strangers_are_shortened_in_pointers() -> None:
    _, answer = post("jira", jira({"x" * 5000: {"servicePrincipalId": 7}}))
    assert answer["rejected"][0]["pointer"] == f"#/issue/0/{'x' * 79}…/servicePrincipalId"


@pytest.mark.parametrize(
    ("signal", "service", "status"),
    [
        ("Log", "Log Alerts V2", 202),
        (None, None, 202),
        ("Activity Log", "Activity Log - Administrative", 200),
        ("Activity Log", "ServiceHealth", 200),
        (None, "Resource Health", 200),
    ],
)
def test_properties_of_an_event_are_not_the_customers(signal: str | None, service: str | None, status: int) -> None:
    alert = fired(alertContext={"properties": DIRECT})
    alert["data"]["essentials"].update(signalType=signal, monitoringService=service)
    taken = take("azure-monitor", json.dumps(alert).encode(), JSON, Settings(), {})
    assert (taken.answer.status, len(taken.requests)) == (status, 1 if status == 202 else 0)


@pytest.mark.parametrize("field", ["essentials", "alertContext", "customProperties"])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="null"),
        pytest.param(7, id="a number"),
        pytest.param("x", id="a string"),
        pytest.param([], id="an array"),
        pytest.param([7], id="array of a number"),
        pytest.param({"condition": {"allOf": [7, {"dimensions": [None, {}]}]}}, id="condition of other things"),
    ],
)
def test_wrong_types_in_an_alert_are_no_fault_of_the_app(field: str, value: Any) -> None:
    alert = fired(customProperties={"appId": APP_ID})
    alert["data"][field] = value
    status, _ = post("azure-monitor", alert)
    assert status == {"essentials": 200 if isinstance(value, dict) else 400, "customProperties": 200}.get(field, 202)


def test_time_and_trace_of_a_direct_body_are_kept_where_they_are_in_order() -> None:
    other = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    kept = {**DIRECT, "requestedAt": "2026-11-22T08:00:00+02:00", "traceparent": other}
    wrong = {**DIRECT, "jobId": "other", "requestedAt": "yesterday", "traceparent": "?"}
    body = json.dumps([kept, wrong]).encode()
    first, second = take("zendesk", body, {**JSON, "traceparent": TRACEPARENT}, Settings(), {}, now=WHEN).requests
    assert (first.requested_at.isoformat(), first.traceparent) == ("2026-11-22T06:00:00+00:00", other)
    assert (second.requested_at, second.traceparent) == (WHEN, TRACEPARENT)


@pytest.mark.parametrize(
    ("text", "status"), [(f'["{PRINCIPAL}"]', 202), (f'["{PRINCIPAL}"', 200)], ids=["an array", "half an array"]
)
def test_ids_in_a_text_that_looks_like_an_array_are_read_where_it_is_one(text: str, status: int) -> None:
    body = json.dumps(fired(customProperties={"ServicePrincipalId": text})).encode()
    taken = take("azure-monitor", body, JSON, Settings(), {}, now=WHEN)
    assert taken.answer.status == status
    assert [request.job.service_principal_id for request in taken.requests] == [PRINCIPAL] * (status == 202)
