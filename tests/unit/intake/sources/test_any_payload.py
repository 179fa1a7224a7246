"""Untrusted payloads: every one gets a documented answer, and soon. `make fuzz` tries many more."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.intake.payloads import take
from shared.intake.sources import SOURCES
from shared.mark import say
from shared.request.message import MAX_MESSAGE, pack
from shared.settings import Settings
from tests.examples import APP_ID, JOB, PRINCIPAL, SCHEMAS, check_event

if TYPE_CHECKING:
    from collections.abc import Callable

JSON = {"content-type": "application/json"}
PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
LINK = f"https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/{PRINCIPAL} "
SIGNED = {name: (b"key",) for name, source in SOURCES.items() if source.signature}
SIZE = 256 * 1024
"""The largest payload that Azure Monitor and PagerDuty send."""

# Names and values that the code depends on, where they belong and where they do not.
NAMES = st.sampled_from(
    """schemaId data essentials alertId originAlertId alertRule monitorCondition signalType monitoringService
    firedDateTime alertContext properties customProperties condition allOf dimensions Dimensions name value
    SearchResults tables columns rows event id event_type incident title webhookEvent issue key fields summary alert
    action updatedAt message details type servicePrincipalId ServicePrincipalId APPID jobId startWhen force dryRun
    requestedBy source reference requestId requestedAt traceparent parentRequestId job body headers $content
    $content-type eventType specversion data_base64 comment author accountType note content custom_fields status state
    alerts labels changelog items fromString toString previous""".split()  # noqa: SIM905 - words are easier to read than sixty literals
)
TEXTS = st.text(max_size=20) | st.sampled_from(
    [
        *("azureMonitorCommonAlertSchema", "Fired", "Resolved", "Activity Log", "incident.triggered", "Create"),
        *("jira:issue_created", "ServicePrincipalId", "Quarantine", "2026-11-23T10:00:00Z", "\ud800", "\x00", ""),
        *(PRINCIPAL, APP_ID, JOB, PATH, f"see {PATH}.", f"{PATH}%", PATH.replace(JOB, "x" * 300), PATH[:130]),
        *(say(PATH), LINK, "app", "resolved", "null", "\u00a0", json.dumps({"servicePrincipalId": PRINCIPAL})),
        *(json.dumps(json.dumps({"jobId": JOB})), base64.b64encode(json.dumps({"appId": APP_ID}).encode()).decode()),
        "Microsoft.EventGrid.SubscriptionValidationEvent",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=6),
    max_leaves=40,
)


def likely(value: Any) -> dict[str, Any]:
    """A payload that every source reads, with the value wherever it looks."""
    return {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {"monitorCondition": "Fired", "alertId": value, "alertRule": value, "signalType": value},
            "customProperties": value,
            "alertContext": {
                "properties": value,
                "condition": {
                    "allOf": [{"dimensions": [{"name": "servicePrincipalId", "value": value}, value]}, value]
                },
                "SearchResults": {"tables": [{"columns": [{"name": "appId"}, value], "rows": [[value], value]}, value]},
            },
        },
        "event": {"id": value, "event_type": value, "data": value},
        "webhookEvent": "jira:issue_created",
        "issue": {"key": value, "fields": {"summary": value}},
        "alert": {"alertId": value, "updatedAt": value, "details": value},
        "action": value,
        "type": value,
    }


DIRECT = st.dictionaries(NAMES, VALUES, max_size=4).map(lambda more: {**more, "servicePrincipalId": PRINCIPAL})
BODIES = (
    (VALUES | VALUES.map(likely) | DIRECT | st.lists(DIRECT, max_size=3)).map(json.dumps).map(str.encode)
    | st.binary(max_size=200)
    | st.tuples(VALUES.map(json.dumps), st.binary(min_size=1, max_size=3)).map(
        lambda parts: parts[0].encode() + parts[1]
    )
    | st.integers(1, 20_000).map(lambda depth: b"[" * depth + b"]" * depth)
    | st.integers(1, 20_000).map(lambda depth: b'{"event":' * depth + b"1" + b"}" * depth)
    | st.tuples(NAMES, VALUES, VALUES).map(
        lambda twice: f'{{"{twice[0]}":{json.dumps(twice[1])},"{twice[0]}":{json.dumps(twice[2])}}}'.encode()
    )
)
HEADERS = st.dictionaries(
    st.sampled_from(
        """traceparent x-pagerduty-signature x-webhook-id x-hub-signature x-atlassian-webhook-identifier webhook-id
        webhook-timestamp webhook-signature x-zendesk-webhook-signature x-zendesk-webhook-signature-timestamp
        x-zendesk-webhook-invocation-id""".split()  # noqa: SIM905 - as above
    ),
    st.text(max_size=40),
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(list(SOURCES)), BODIES, HEADERS, st.booleans())
def test_any_payload_gets_a_documented_answer(name: str, body: bytes, headers: dict[str, str], signed: bool) -> None:
    taken = take(name, body, {**headers, **JSON}, Settings(), SIGNED if signed else {})

    answer = json.loads(taken.answer.body)
    if signed and name in SIGNED:
        assert taken.answer.status == 401
    assert taken.answer.status in (200, 202, 400, 401)
    assert taken.answer.status != 400 or len(taken.events) == 1
    assert (taken.answer.status == 202) == bool(taken.requests)
    assert [item["requestId"] for item in answer.get("accepted", [])] == [item.request_id for item in taken.requests]
    assert all(SCHEMAS["start-request"].is_valid(request.to_json()) for request in taken.requests)
    assert not any(request.force for request in taken.requests)
    for event in taken.events:
        check_event(event.to_json())
        assert len(event.to_message()) <= MAX_MESSAGE


@given(st.sampled_from(list(SOURCES)), st.binary(max_size=100), st.text(max_size=40))
def test_any_content_type_gets_a_documented_answer(name: str, body: bytes, content_type: str) -> None:
    assert take(name, body, {"content-type": content_type}, Settings(), {}).answer.status in (200, 202, 400, 415)


def layers(wrap: Callable[[str], str], size: int) -> str:
    """As many layers as fit: each doubles the quotation marks of those below."""
    text = '{"body":1}'
    while len(text) < size // 2:
        text = wrap(text)
    return text


def repeated(part: str) -> str:
    return part * (SIZE // len(part))


WORST: dict[str, Callable[[], str]] = {
    "many values": lambda: f"[{repeated('1,')}1]",
    "many arrays": lambda: f"[{repeated('[],')}1]",
    "many names": lambda: "{" + "".join(f'"n{number}":0,' for number in range(SIZE // 10)) + '"z":0}',
    "a duplicate after many names": lambda: "{" + "".join(f'"n{n}":0,' for n in range(SIZE // 10)) + '"z":0,"z":0}',
    "many objects that are no reference": lambda: "[" + repeated('{"servicePrincipalId":1},') + "1]",
    "many references": lambda: (
        "[" + ",".join(f'{{"servicePrincipalId":"{uuid.UUID(int=n)}"}}' for n in range(4000)) + "]"
    ),
    "a long name around them": lambda: json.dumps({"n" * (SIZE // 2): [{"servicePrincipalId": 1}] * (SIZE // 60)}),
    "deep": lambda: "[" * (SIZE // 2) + "]" * (SIZE // 2),
    "deep objects": lambda: '{"a":' * 3000 + "1" + "}" * 3000,
    "beginnings of paths": lambda: json.dumps(repeated("servicePrincipals/")),
    "paths without job": lambda: json.dumps(repeated(f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/")),
    "paths with encoded jobs": lambda: json.dumps(repeated(f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/%41%")),
    "a path with a long job": lambda: json.dumps(PATH + "." * SIZE),
    "halves of surrogate pairs": lambda: '"' + repeated("\\ud800") + '"',
    "layers of text": lambda: layers(json.dumps, SIZE),
    "layers of objects": lambda: '{"body":' * 90 + "1" + "}" * 90,
    "ten thousand layers": lambda: '{"body":' * 10_000 + "1" + "}" * 10_000,
    "many wrapped": lambda: "[" + repeated('{"body":{"body":1}},') + '{"body":1}]',
    "many texts of JSON": lambda: "[" + repeated(json.dumps('{"jobId":1}') + ",") + "1]",
    "many marks": lambda: json.dumps([say("x")] * (SIZE // 40)),
    "beginnings of marks": lambda: json.dumps(repeated("start-job-function<")),
    "many links": lambda: json.dumps(repeated(LINK)),
    "beginnings of links": lambda: json.dumps(repeated("https://entra.microsoft.com/")),
    "many documents": lambda: '{"type":"doc","content":[' * 30 + repeated('"start-job-function",') + "1" + "]}" * 30,
    "many pairs": lambda: json.dumps([{"name": "jobId", "value": "x"}] * (SIZE // 40)),
    "many escapes": lambda: json.dumps("servicePrincipals" + repeated("&#47;%2F")),
    "long numbers": lambda: "[" + repeated("9" * 400 + ",") + "1]",
}
AROUND = {
    "azure-monitor": """{"schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": {"monitorCondition": "Fired"}, "customProperties": {"job": @}}}""",
    "pagerduty": '{"event": {"data": @}}',
    "jira": '{"webhookEvent": "jira:issue_updated", "issue": @}',
    "opsgenie": '{"alert": @}',
    "standard-webhooks": '{"type": "x", "data": @}',
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("worst", WORST)
def test_the_worst_payloads_are_answered_within_seconds(worst: str, name: str) -> None:
    body = AROUND.get(name, "@").replace("@", WORST[worst]()).encode()

    def seconds() -> float:
        began = time.process_time()
        taken = take(name, body, JSON, Settings(), {})
        pack(taken.requests)
        assert taken.answer.status in (200, 202, 400)
        return time.process_time() - began

    # It takes 0.25 s on an idle machine, and four times that under coverage. Quadratic time would be minutes, so a wide
    # bound still finds it.
    assert min(seconds() for _ in range(3)) < 5


def test_an_alert_of_five_hundred_jobs_is_taken_in_much_less_than_its_senders_patience() -> None:
    conditions = [
        {
            "searchQuery": "AuditLogs".ljust(250),
            "dimensions": [
                {"name": "ServicePrincipalId", "value": str(uuid.UUID(int=number))},
                {"name": "JobId", "value": f"scim.{number:032x}"},
            ],
        }
        for number in range(500)
    ]
    essentials = {"alertId": "/alerts/1", "monitorCondition": "Fired"}
    data = {"essentials": essentials, "alertContext": {"condition": {"allOf": conditions}}}
    body = json.dumps({"schemaId": "azureMonitorCommonAlertSchema", "data": data}).encode()

    def seconds() -> float:
        began = time.process_time()
        taken = take("azure-monitor", body, JSON, Settings(), {})
        messages = pack(taken.requests)
        assert (taken.answer.status, len(taken.requests)) == (202, 500)
        assert len(messages) <= 5
        return time.process_time() - began

    # It takes a twentieth of this on an idle machine. Azure Monitor waits ten seconds.
    assert min(seconds() for _ in range(3)) < 2
