"""What an attacker cannot do, row by row of the table in docs/security.md, which has the names of the tests."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from local.client.signing import sign
from shared.configuration import Configuration
from shared.intake import start_requests
from shared.intake.payloads import options, take
from shared.intake.sources import SOURCES
from shared.settings import Settings
from tests.examples import APP_ID, JOB, PRINCIPAL, WHEN

if TYPE_CHECKING:
    from shared.intake.start_requests import Taken

ROOT = Path(__file__).parents[3]
JSON = {"content-type": "application/json"}
PATH = f"servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
DIRECT = {"servicePrincipalId": PRINCIPAL, "jobId": JOB}
SECRET = "whsec_c2VjcmV0LW9mLXRoZS10ZXN0cy13aGljaC1pcy1sb25n"
BODIES: dict[str, Any] = {
    "azure-monitor": {
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {"essentials": {"monitorCondition": "Fired"}, "customProperties": DIRECT},
    },
    "jira": {"webhookEvent": "jira:issue_created", "issue": {"key": "IDM-7", "fields": {"description": PATH}}},
    "opsgenie": {"action": "Create", "alert": {"alertId": "1", "details": DIRECT}},
    "pagerduty": {"event": {"id": "01", "event_type": "incident.triggered", "data": {"title": PATH}}},
}
SIGNING = [name for name, source in SOURCES.items() if source.signature]
each_source = pytest.mark.parametrize("name", SOURCES)
each_signing = pytest.mark.parametrize("name", SIGNING)


def body_of(name: str, **fields: Any) -> bytes:
    return json.dumps(BODIES.get(name, DIRECT) | fields).encode()


def configured(**variables: str) -> Configuration:
    return Configuration.read(variables)


def post(name: str, body: bytes, set_up: Configuration, headers: dict[str, str] | None = None) -> Taken:
    return take(
        name,
        body,
        {**JSON, **(headers or {})},
        set_up.settings,
        set_up.webhook_keys,
        open_sources=set_up.open_sources,
        closed_sources=set_up.closed_sources,
        now=WHEN,
    )


def assert_closed(name: str, set_up: Configuration, setting: str, headers: dict[str, str] | None = None) -> None:
    """The source accepts nothing. The answer names the setting, but no secret."""
    taken = post(name, body_of(name), set_up, headers)
    assert (taken.answer.status, taken.requests, taken.events) == (503, (), ())
    assert taken.answer.content_type == "application/problem+json"
    errors = json.loads(taken.answer.body)["errors"]
    assert setting in [error["setting"] for error in errors]
    assert SECRET not in taken.answer.body
    asked = options(
        name,
        {"webhook-request-origin": "eventgrid.azure.net"},
        open_sources=set_up.open_sources,
        closed_sources=set_up.closed_sources,
    )
    assert asked.status == 503


def sign_with(name: str, secret: str) -> dict[str, str]:
    """The headers that an attacker who guesses a wrong secret could send."""
    scheme = SOURCES[name].signature
    assert scheme is not None
    try:
        return sign(scheme, secret, body_of(name), WHEN)
    except ValueError:
        return {}


def signed(name: str, body: bytes, **changes: Any) -> dict[str, str]:
    scheme = SOURCES[name].signature
    assert scheme is not None
    return sign(scheme, SECRET, body, changes.get("now", WHEN))


@each_source
def test_no_source_takes_force(name: str) -> None:
    for body in (body_of(name), body_of(name, force=True), json.dumps([{**DIRECT, "force": True}]).encode()):
        taken = post(name, body, configured())
        assert not any(request.force for request in taken.requests)


@each_source
def test_no_source_calls_itself_another(name: str) -> None:
    claims = {"source": "pagerduty-or-any-other", "reference": "X-1"}
    taken = post(name, body_of(name, requestedBy=claims), configured())
    assert {request.requested_by.source for request in taken.requests} == {name}


@each_source
def test_closed_source_takes_nothing(name: str) -> None:
    others = ",".join(SOURCES.keys() - {name})
    set_up = configured(SOURCES=others.upper())
    taken = post(name, body_of(name), set_up)
    assert (taken.answer.status, taken.requests, taken.events) == (404, (), ())
    assert "SOURCES" in taken.answer.body
    assert (
        options(name, {"webhook-request-origin": "eventgrid.azure.net"}, open_sources=set_up.open_sources).status == 404
    )
    assert post(name, body_of(name), configured(SOURCES=name)).answer.status == 202


@each_signing
def test_unsigned_body_is_taken_nowhere_where_one_source_has_a_secret(name: str) -> None:
    set_up = configured(**{SOURCES[name].secret_setting: SECRET})
    for other in SOURCES:
        for sent in (body_of(name), body_of(other), b"no JSON"):
            taken = post(other, sent, set_up)
            assert taken.answer.status in (401, 404)
            assert (taken.requests, taken.events) == ((), ())
    assert post(name, body_of(name), set_up, signed(name, body_of(name))).answer.status == 202


@each_signing
def test_sources_without_secret_are_open_where_sources_lists_them(name: str) -> None:
    set_up = configured(**{SOURCES[name].secret_setting: SECRET, "SOURCES": f"azure-monitor, {name}"})
    assert post("azure-monitor", body_of("azure-monitor"), set_up).answer.status == 202
    assert post(name, body_of(name), set_up).answer.status == 401


def test_all_sources_are_open_without_any_setting() -> None:
    assert configured().open_sources is None
    assert all(post(name, body_of(name), configured()).answer.status == 202 for name in SOURCES)


def test_an_unknown_source_in_sources_is_a_fault() -> None:
    set_up = configured(SOURCES="servicenau,jira")
    (fault,) = map(str, set_up.faults)
    assert fault.startswith("SOURCES lists 'servicenau', which is not a source; they are azure-monitor")
    assert post("jira", body_of("jira"), set_up).answer.status == 202
    for other in SOURCES.keys() - {"jira"}:
        assert_closed(other, set_up, "SOURCES")


@pytest.mark.parametrize("blank", ["", " ", ","])
def test_a_list_of_sources_that_names_none_closes_all(blank: str) -> None:
    for name in SOURCES:
        assert_closed(name, configured(SOURCES=blank), "SOURCES")


@each_signing
@pytest.mark.parametrize("secret", ["", " ", ",", "whsec_", "@Microsoft.KeyVault(SecretName=x)", f"{SECRET},"])
def test_a_wrong_secret_closes_its_own_source_and_no_other(name: str, secret: str) -> None:
    if secret == "whsec_" and SOURCES[name].signature.least_key == 1:
        return  # six characters like any others
    others = sorted(SOURCES.keys() - {name})
    set_up = configured(**{SOURCES[name].secret_setting: secret}, SOURCES=",".join(SOURCES))
    headers = {} if "," in secret or not secret.strip() else sign_with(name, secret)
    assert_closed(name, set_up, SOURCES[name].secret_setting, headers)
    assert {post(other, body_of(other), set_up).answer.status for other in others} == {202}
    # Without SOURCES, a secret closes the sources without one, and so does a wrong secret.
    alone = configured(**{SOURCES[name].secret_setting: secret})
    assert_closed(name, alone, SOURCES[name].secret_setting)
    assert {post(other, body_of(other), alone).answer.status for other in others} == {404}


def test_a_key_that_is_shorter_than_its_scheme_allows_closes_its_source() -> None:
    set_up = configured(WEBHOOK_SECRET_STANDARD_WEBHOOKS="whsec_c2hvcnQ=")
    assert "makes a key of 5 bytes; 24 are the least" in str(set_up.faults[0])
    assert_closed("standard-webhooks", set_up, "WEBHOOK_SECRET_STANDARD_WEBHOOKS")


def test_a_secret_for_an_unknown_source_closes_all_unsigned_sources() -> None:
    set_up = configured(WEBHOOK_SECRET_PAGERDUTTY=SECRET, WEBHOOK_SECRET_JIRA=SECRET)
    assert post("jira", body_of("jira"), set_up, signed("jira", body_of("jira"))).answer.status == 202
    for name in set(SIGNING) - {"jira"}:
        assert_closed(name, set_up, "WEBHOOK_SECRET_PAGERDUTTY")
    assert {post(name, body_of(name), set_up).answer.status for name in SOURCES.keys() - set(SIGNING)} == {404}


def test_a_secret_that_nothing_checks_closes_the_source_that_it_does_not_guard() -> None:
    assert_closed("servicenow", configured(WEBHOOK_SECRET_SERVICENOW=SECRET), "WEBHOOK_SECRET_SERVICENOW")


@each_signing
def test_captured_delivery_can_not_be_changed(name: str) -> None:
    set_up = configured(**{SOURCES[name].secret_setting: SECRET})
    body = body_of(name)
    headers = signed(name, body)
    assert post(name, body.replace(JOB.encode(), b"another-job"), set_up, headers).answer.status == 401


@each_signing
def test_captured_delivery_stays_the_same_request(name: str) -> None:
    set_up = configured(**{SOURCES[name].secret_setting: SECRET})
    body = body_of(name)
    ids = set()
    for number in range(3):
        others = {
            "x-atlassian-webhook-identifier": f"{number}",
            "x-zendesk-webhook-invocation-id": f"{number}",
            "x-webhook-id": f"{number}",
            "svix-id": f"{number}",
        }
        taken = post(name, body, set_up, others | signed(name, body, now=WHEN - timedelta(minutes=number)))
        ids |= {request.request_id for request in taken.requests}
    assert len(ids) == 1


def test_delivery_of_pagerduty_without_an_id_stays_the_same_request() -> None:
    set_up = configured(WEBHOOK_SECRET_PAGERDUTY=SECRET)
    body = json.dumps({"event": {"event_type": "incident.triggered", "data": {"title": PATH}}}).encode()
    first, again = (post("pagerduty", body, set_up, {"x-webhook-id": n} | signed("pagerduty", body)) for n in "12")
    assert first.requests[0].request_id == again.requests[0].request_id


def test_headers_of_svix_count_as_those_of_standard_webhooks() -> None:
    set_up = configured(WEBHOOK_SECRET_GENERIC=SECRET)
    body = body_of("generic")
    headers = signed("generic", body)
    svix = {name.replace("webhook-", "svix-"): value for name, value in headers.items()}
    plain, aliased = (post("generic", body, set_up, each) for each in (headers, svix))
    assert plain.requests == aliased.requests
    assert plain.answer.status == 202
    assert post("generic", body, set_up, svix | {"svix-id": "other"}).answer.status == 401


def test_answer_holds_only_ids_that_were_sent() -> None:
    sent = [DIRECT, {"appId": APP_ID}]
    answer = json.loads(start_requests.take(json.dumps(sent).encode(), JSON).answer.body)
    told = [{name: value for name, value in item.items() if name != "requestId"} for item in answer["accepted"]]
    assert told == sent


@each_source
def test_no_secret_or_header_stands_in_an_event(name: str) -> None:
    set_up = configured(
        **{source.secret_setting: SECRET for source in SOURCES.values() if source.signature}, SOURCES=name
    )
    body = json.dumps([1, {"x": "y"}]).encode()
    headers = {"authorization": "Bearer token-of-the-tests", "x-functions-key": "key-of-the-tests"}
    taken = post(name, body, set_up, headers | (signed(name, body) if name in SIGNING else {}))
    assert taken.events
    for event in taken.events:
        text = json.dumps(event.to_json())
        assert not any(hidden in text for hidden in (SECRET, "token-of-the-tests", "key-of-the-tests"))


def test_graph_gets_only_the_calls_that_the_page_lists() -> None:
    code = (ROOT / "shared" / "graph" / "client.py").read_text(encoding="utf-8")
    assert set(re.findall(r'"(GET|POST|PUT|PATCH|DELETE)"', code)) <= {"GET", "POST"}
    assert not re.findall(r"/(?:restart|pause|stop|provisionOnDemand|secrets)\b", code)


def test_every_row_of_the_page_names_a_test_that_there_is() -> None:
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = page[page.index("Held by |") :].partition("\n\n")[0].splitlines()[2:]
    named = {name for row in rows for name in re.findall(r"`(test_\w+)`", row)}
    tests = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py"))
    assert len(named) > 9
    assert [name for name in sorted(named) if f"def {name}(" not in tests] == []
    assert all(row.count("|") == 5 for row in rows)


def test_settings_name_the_sources_that_are_open() -> None:
    assert Settings.read({"SOURCES": " Jira , zendesk "})[0].sources == frozenset({"jira", "zendesk"})


@pytest.mark.parametrize("origin", ["eventgrid.azure.net", "https://x.example:8443/a", "*"])
def test_handshake_is_answered(origin: str) -> None:
    answer = options("Azure-Monitor", {"webhook-request-origin": origin})
    assert answer.status == 200
    assert answer.headers == {
        "Allow": "POST, OPTIONS",
        "WebHook-Allowed-Origin": origin,
        "WebHook-Allowed-Rate": "*",
    }


@pytest.mark.parametrize("origin", ["", "a\r\nb: c", "ä", "x" * 300])
def test_nothing_else_is_put_into_a_header(origin: str) -> None:
    assert options("jira", {"webhook-request-origin": origin}).headers == {"Allow": "POST, OPTIONS"}


def test_handshake_for_an_unknown_source_is_refused() -> None:
    assert options("remedy", {"webhook-request-origin": "x"}).status == 404


def test_refused_body_of_an_unsigned_sender_leaves_no_event() -> None:
    set_up = configured(WEBHOOK_SECRET_ZENDESK=SECRET)
    for sent, headers in ((b" " * (1024 * 1024 + 1), JSON), (b"x", {"content-type": "text/plain"})):
        taken = post("zendesk", sent, set_up, headers)
        assert taken.answer.status in (413, 415)
        assert taken.events == ()


def test_refused_body_of_a_signed_sender_leaves_one() -> None:
    set_up = configured(WEBHOOK_SECRET_ZENDESK=SECRET)
    taken = post("zendesk", b"x", set_up, {"content-type": "text/plain"} | signed("zendesk", b"x"))
    assert (taken.answer.status, len(taken.events)) == (415, 1)
