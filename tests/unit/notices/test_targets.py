"""Each target's client with its vendor's stand-in: it writes once, in the vendor's form, and only plain text."""

from __future__ import annotations

import json
import logging
import re

import pytest

from local.targets.jira import Jira
from local.targets.vendor import Reply
from shared.errors import TargetRefused, TargetUnavailable
from shared.notices.target import Target
from shared.notices.targets import freshservice
from shared.notices.targets.slack_blocks import message
from shared.notices.targets.webhook import Webhook
from shared.notices.told import Told, told
from tests.unit.notices.events import EVENT_ID, HOSTILE, NAME, longest
from tests.unit.notices.setup import ALL, REFERENCES, SLACK_THREAD, TICKETS, both, outgoing

CAN_LOOK = (*TICKETS, SLACK_THREAD)


@pytest.mark.parametrize("target", ALL)
def test_a_notice_arrives_once_with_what_a_person_needs(target: str) -> None:
    parts = both(target)
    parts.client.send(outgoing(target))
    (seen,) = parts.vendor.arrived
    assert seen.problem is None
    assert NAME in seen.text
    assert "The app started it, and it is Active again" in seen.text
    assert EVENT_ID in seen.text


@pytest.mark.parametrize("target", TICKETS)
def test_a_note_is_not_shown_to_the_person_who_opened_the_ticket(target: str) -> None:
    parts = both(target)
    parts.client.send(outgoing(target))
    assert [each.private for each in parts.vendor.arrived] == [True]


@pytest.mark.parametrize("target", TICKETS)
def test_a_note_goes_to_the_ticket_that_asked_and_to_no_other(target: str) -> None:
    parts = both(target)
    parts.client.send(outgoing(target))
    notes = [ticket.id for ticket in parts.vendor.tickets.values() for _ in ticket.notes]
    assert notes == [next(iter(parts.vendor.tickets))]


@pytest.mark.parametrize("target", CAN_LOOK)
def test_sent_texts_are_found_again_and_no_others(target: str) -> None:
    parts = both(target)
    assert not parts.client.has(outgoing(target))
    parts.client.send(outgoing(target))
    assert parts.client.has(outgoing(target))
    assert not parts.client.has(outgoing(target, id="00000000-0000-5000-8000-000000000000"))


@pytest.mark.parametrize("target", ALL)
def test_a_lost_answer_may_have_worked(target: str) -> None:
    parts = both(target)
    parts.wire.lost = [{Target.SERVICENOW: "PATCH", Target.ZENDESK: "PUT"}.get(target, "POST")]  # type: ignore[call-overload]
    with pytest.raises(TargetUnavailable) as caught:
        parts.client.send(outgoing(target))
    assert caught.value.may_have_worked
    assert len(parts.vendor.arrived) == 1


@pytest.mark.parametrize("target", ALL)
def test_a_target_that_throttles_is_asked_again_when_it_says(target: str) -> None:
    parts = both(target)
    error = parts.vendor.error(429)
    parts.wire.replies = [Reply(429, error.content, {"Retry-After": "17"})]
    with pytest.raises(TargetUnavailable) as caught:
        parts.client.send(outgoing(target))
    assert (caught.value.retry_after, caught.value.may_have_worked) == (17.0, False)
    assert not parts.vendor.arrived


@pytest.mark.parametrize("target", ALL)
def test_a_target_that_is_down_is_tried_again(target: str) -> None:
    parts = both(target)
    parts.wire.replies = [parts.vendor.error(503)]
    with pytest.raises(TargetUnavailable):
        parts.client.send(outgoing(target))


@pytest.mark.parametrize("target", ALL)
def test_a_wrong_credential_is_said_of_the_target_not_of_the_notice(target: str) -> None:
    parts = both(target)
    if target == Target.SLACK:
        parts.wire.replies = [Reply(404, "no_active_hooks")]
    elif target == SLACK_THREAD:
        parts.wire.replies = [Reply(200, {"ok": False, "error": "token_revoked"})]
    else:
        parts.wire.replies = [Reply(401, "no")]
    with pytest.raises(TargetRefused) as caught:
        parts.client.send(outgoing(target))
    assert caught.value.always


@pytest.mark.parametrize("target", TICKETS)
def test_a_ticket_that_is_gone_is_said_of_the_notice_alone(target: str) -> None:
    parts = both(target)
    parts.vendor.tickets.clear()
    for step in (parts.client.has, parts.client.send):
        with pytest.raises(TargetRefused) as caught:
            step(outgoing(target))
        assert not caught.value.always


@pytest.mark.parametrize("target", ALL)
def test_a_redirect_is_not_followed(target: str) -> None:
    parts = both(target)
    parts.wire.replies = [Reply(302, "", {"Location": "https://evil.example/"})]
    with pytest.raises(TargetRefused):
        parts.client.send(outgoing(target))
    assert len(parts.wire.requests) == 1


@pytest.mark.parametrize("target", [target for target in ALL if target != Target.WEBHOOK])
def test_texts_of_strangers_are_but_text(target: str) -> None:
    parts = both(target)
    hostile = longest(HOSTILE)
    source, reference = REFERENCES.get(Target(target), ("http", None)) if target in set(Target) else ("http", None)
    hostile["data"]["requestedBy"] |= {"source": source, "reference": reference or HOSTILE[:256]}
    notice = outgoing(target)._replace(event=hostile, told=told(hostile))
    parts.client.send(notice)
    (seen,) = parts.vendor.arrived
    assert seen.problem is None
    assert "<!channel> <!here> @here" in seen.text  # shown as it is
    assert "\u202e" not in seen.text
    sent = json.loads(parts.wire.requests[-1].body)
    CHECKS[Target.SLACK if target == SLACK_THREAD else Target(target)](sent)


def _check_teams(sent: dict) -> None:  # type: ignore[type-arg]
    assert set(sent) == {"type", "attachments"}
    text = json.dumps(sent)
    assert "msteams" not in text
    assert "entities" not in text
    for markup in re.findall(r'"type": "TextBlock", "text": "([^"]*)"', text):
        assert re.fullmatch(r"[A-Za-z0-9 ,:._-]*", markup)


def _check_slack(sent: dict) -> None:  # type: ignore[type-arg]
    assert "<" not in sent["text"]
    assert ">" not in sent["text"]
    assert sent["mrkdwn"] is False
    for block in sent["blocks"]:
        texts = [block["text"]] if "text" in block else [*block.get("fields", []), *block.get("elements", [])]
        for text in texts:
            if text["type"] == "mrkdwn":
                assert "!" not in text["text"]
                assert "evil" not in text["text"]


def _check_jira(sent: dict) -> None:  # type: ignore[type-arg]
    nodes = [node for block in sent["body"]["content"] for node in block["content"]]
    assert {node["type"] for node in nodes} == {"text"}
    assert not any("marks" in node for node in nodes)


def _check_servicenow(sent: dict) -> None:  # type: ignore[type-arg]
    assert set(sent) == {"work_notes"}
    assert not re.search(r"\[/?code\]", sent["work_notes"], re.IGNORECASE)


def _check_html(html: str) -> None:
    assert set(re.findall(r"<[^>]*>", html)) == {"<div>", "</div>"}


def _check_zendesk(sent: dict) -> None:  # type: ignore[type-arg]
    assert sent["ticket"]["comment"]["public"] is False
    assert set(sent["ticket"]["comment"]) == {"html_body", "public"}
    _check_html(sent["ticket"]["comment"]["html_body"])


def _check_freshservice(sent: dict) -> None:  # type: ignore[type-arg]
    assert sent["private"] is True
    _check_html(sent["body"])


def _check_pagerduty(sent: dict) -> None:  # type: ignore[type-arg]
    assert set(sent) == {"note"}
    assert set(sent["note"]) == {"content"}


CHECKS = {
    Target.TEAMS: _check_teams,
    Target.SLACK: _check_slack,
    Target.JIRA: _check_jira,
    Target.SERVICENOW: _check_servicenow,
    Target.ZENDESK: _check_zendesk,
    Target.FRESHSERVICE: _check_freshservice,
    Target.PAGERDUTY: _check_pagerduty,
}


def test_slack_makes_one_thread_of_a_request_and_shows_a_relapse_in_the_channel() -> None:
    parts = both(SLACK_THREAD)
    parts.client.send(outgoing(SLACK_THREAD))
    parts.client.send(outgoing(SLACK_THREAD, "relapsed", id="00000000-0000-5000-8000-000000000001"))
    first, second = (json.loads(each.body) for each in parts.wire.requests if each.method == "POST")
    assert "thread_ts" not in first
    assert second["thread_ts"]
    assert second["reply_broadcast"]


@pytest.mark.parametrize(("error", "always"), [("no_service", True), ("channel_is_archived", True), ("no_text", False)])
def test_slacks_words_tell_what_is_permanent(error: str, always: bool) -> None:
    parts = both(Target.SLACK)
    parts.wire.replies = [Reply(410 if always else 400, error)]
    with pytest.raises(TargetRefused) as caught:
        parts.client.send(outgoing(Target.SLACK))
    assert caught.value.always is always


def test_slacks_rollup_error_passes() -> None:
    parts = both(Target.SLACK)
    parts.wire.replies = [Reply(500, "rollup_error")]
    with pytest.raises(TargetUnavailable):
        parts.client.send(outgoing(Target.SLACK))


@pytest.mark.parametrize(("customers", "warned"), [(True, True), (False, False)])
def test_a_comment_that_customers_can_read_is_said(
    customers: bool, warned: bool, caplog: pytest.LogCaptureFixture
) -> None:
    parts = both(Target.JIRA)
    assert isinstance(parts.vendor, Jira)
    parts.vendor.put_ticket("IDM-7", customers=customers)
    parts.wire.replies = [Reply(201, {"jsdPublic": True})]
    with caplog.at_level(logging.WARNING):
        parts.client.send(outgoing(Target.JIRA))
    assert ("note_is_public" in caplog.text) is warned


def test_a_note_that_servicenow_drops_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    parts = both(Target.SERVICENOW)
    notice = outgoing(Target.SERVICENOW)
    found = parts.vendor.answer(parts.wire.requests[-1]) if parts.wire.requests else None
    assert found is None
    parts.client.has(notice)
    parts.wire.replies = [parts.vendor.answer(parts.wire.requests[-1]), Reply(200, {"result": {"work_notes": ""}})]
    parts.client.send(notice)
    assert "note_not_seen" in caplog.text


def test_the_webhook_gets_the_event_itself_signed_after_a_handshake() -> None:
    parts = both(Target.WEBHOOK)
    notice = outgoing(Target.WEBHOOK)
    parts.client.send(notice)
    parts.client.send(notice)
    assert [each.method for each in parts.wire.requests] == ["OPTIONS", "POST", "POST"]
    assert [json.loads(text) for text in parts.texts] == [notice.event]


def test_the_webhook_that_does_not_agree_gets_nothing() -> None:
    parts = both(Target.WEBHOOK)
    parts.wire.replies = [Reply(200, "", {"WebHook-Allowed-Origin": "other.example"})]
    with pytest.raises(TargetRefused) as caught:
        parts.client.send(outgoing(Target.WEBHOOK))
    assert caught.value.always
    assert [each.method for each in parts.wire.requests] == ["OPTIONS"]


def test_a_webhook_that_asks_for_nothing_gets_the_event_unsigned_and_at_once() -> None:
    parts = both(Target.WEBHOOK)
    parts.wire.replies = [Reply(204)]
    Webhook(parts.wire, "http://vendor/hook").send(outgoing(Target.WEBHOOK))
    (request,) = parts.wire.requests
    assert request.method == "POST"
    assert request.headers["webhook-id"] == EVENT_ID
    assert not {"webhook-signature", "webhook-request-origin"} & request.headers.keys()


@pytest.mark.parametrize(("error", "may_have_worked"), [("service_unavailable", False), ("internal_error", True)])
def test_slacks_api_passes_over_what_it_says_is_its_own_fault(error: str, may_have_worked: bool) -> None:
    parts = both(SLACK_THREAD)
    parts.wire.replies = [Reply(200, {"ok": True, "messages": []}), Reply(200, {"ok": False, "error": error})]
    with pytest.raises(TargetUnavailable) as caught:
        parts.client.send(outgoing(SLACK_THREAD))
    assert caught.value.may_have_worked is may_have_worked


def pages_of_others(count: int) -> list[Reply]:
    page = {"conversations": [{"id": number, "body": "of a person"} for number in range(freshservice.PAGE)]}
    return [Reply(200, page)] * count


def test_freshservice_is_asked_for_the_next_page_where_one_is_full() -> None:
    parts = both(Target.FRESHSERVICE)
    parts.wire.replies = [*pages_of_others(1), Reply(200, {"conversations": [{"body": f"(Event {EVENT_ID})"}]})]
    assert parts.client.has(outgoing(Target.FRESHSERVICE))
    assert [request.query.rsplit("=", 1)[1] for request in parts.wire.requests] == ["1", "2"]


def test_freshservice_with_more_conversations_than_are_looked_through_gets_the_note() -> None:
    parts = both(Target.FRESHSERVICE)
    parts.wire.replies = pages_of_others(freshservice.MAX_PAGES)
    assert not parts.client.has(outgoing(Target.FRESHSERVICE))
    assert len(parts.wire.requests) == freshservice.MAX_PAGES


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        pytest.param(Reply(404, {"error": {"message": "No Record found"}}), "has no task", id="no record"),
        pytest.param(Reply(200, {"result": [{}, {}]}), "has no task", id="two records"),
        pytest.param(Reply(200, {"result": [{}]}), "does not tell the table", id="no table"),
        pytest.param(Reply(200, {"result": ["INC0010007"]}), "does not tell the table", id="no object"),
    ],
)
def test_servicenow_that_shows_no_single_record_is_not_written_to(reply: Reply, words: str) -> None:
    parts = both(Target.SERVICENOW)
    parts.wire.replies = [reply]
    with pytest.raises(TargetRefused, match=words):
        parts.client.send(outgoing(Target.SERVICENOW))
    assert [request.method for request in parts.wire.requests] == ["GET"]


def test_ticket_system_is_not_called_where_the_event_names_no_ticket() -> None:
    parts = both(Target.JIRA)
    notice = outgoing(Target.JIRA)
    notice = notice._replace(told=notice.told._replace(source="http", reference=None))
    with pytest.raises(TargetRefused, match="names no ticket"):
        parts.client.send(notice)
    assert parts.wire.requests == []


def test_an_event_that_says_little_makes_a_message_of_what_there_is() -> None:
    little = Told(EVENT_ID, "r-1", "someday", "It ended.", source="", time="2026-11-23T10:00:02.000Z")
    blocks = message(little, [])["blocks"]
    assert [block["type"] for block in blocks] == ["header", "section", "context"]
    assert "someday" in blocks[0]["text"]["text"]
    assert blocks[1]["text"]["text"] == "It ended."
