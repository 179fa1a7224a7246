"""The post office: one client per target, no work for targets without notices, and no notice that stops it."""

from __future__ import annotations

import base64
import logging

import pytest

from local.targets.vendor import Reply
from shared.configuration import Configuration, Use
from shared.notices.notice import ENVELOPE, Notice, notices_of
from shared.notices.post import QUIET, PostOffice
from shared.notices.set_up import NoticeSettings
from shared.notices.target import Target
from shared.notices.targets.clients import new_client
from shared.outcome import Reason
from shared.request.message import MAX_CONTENT
from shared.settings import Settings
from shared.starting.ending import Ending
from tests.unit.event.test_application_names import event as status_event
from tests.unit.notices.setup import ENVIRONMENT, SETTINGS, both, outgoing


def body(target: Target) -> bytes:
    return Notice(target, outgoing(target).event).to_message().encode()


def test_a_target_that_refuses_is_logged_once_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    now, parts = [0.0], both(Target.ZENDESK)
    office = PostOffice(Settings(), SETTINGS, new=lambda _: parts.client, clock=lambda: now[0])
    parts.wire.replies = [Reply(401, {"error": "Couldn't authenticate you"})]
    with caplog.at_level(logging.WARNING):
        for _ in range(1000):
            assert office.handle(body(Target.ZENDESK)) is None
    assert caplog.text.count("target_refuses target=zendesk") == 1
    assert len(parts.wire.requests) == 1
    now[0] = QUIET + 1
    office.handle(body(Target.ZENDESK))
    assert len(parts.vendor.arrived) == 1


def test_a_target_that_is_away_gets_its_notice_later() -> None:
    parts = both(Target.JIRA)
    office = PostOffice(Settings(), SETTINGS, new=lambda _: parts.client)
    parts.wire.replies = [Reply(503)]
    again = office.handle(body(Target.JIRA))
    assert again is not None
    assert office.handle(again.notice.to_message().encode()) is None
    assert len(parts.vendor.arrived) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"target": "pigeon", "event": {}}',
        b'{"target": "jira", "event": []}',
        b"\xff",
        b'{"target": "jira"}',
    ],
)
def test_invalid_notice_is_dropped_and_logged(content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    office = PostOffice(Settings(), SETTINGS)
    assert office.handle(base64.b64encode(content)) is None
    assert "notice_unreadable" in caplog.text


def test_a_target_that_was_removed_from_the_settings_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert PostOffice(Settings(), NoticeSettings()).handle(body(Target.JIRA)) is None
    assert "notice_given_up target=jira" in caplog.text


@pytest.mark.parametrize("target", Target)
def test_every_target_that_is_set_up_has_a_client(target: Target) -> None:
    settings, _ = NoticeSettings.read({**ENVIRONMENT, "NOTIFY_WEBHOOK_HANDSHAKE": "true"})
    client = new_client(target, settings, threads=4, origin="contoso.azurewebsites.net")
    assert type(client).__name__.lower() == target.value


def test_slack_is_spoken_to_with_a_token_where_there_is_one() -> None:
    settings, _ = NoticeSettings.read({"NOTIFY_SLACK_TOKEN": "xoxb-1", "NOTIFY_SLACK_CHANNEL": "C0123456789"})
    assert type(new_client(Target.SLACK, settings, threads=4, origin="")).__name__ == "SlackThread"


def test_an_event_makes_a_notice_for_each_target_and_each_fits_into_a_message() -> None:
    long = status_event(Reason.BAD_REQUEST)
    ending = Ending(reason=Reason.BAD_REQUEST, error="\U0001f4a5" * 20_000, before=long.ending.before)
    notices = notices_of([status_event(), long._replace(ending=ending)], SETTINGS)
    assert [notice.target for notice in notices] == [Target.TEAMS, Target.SLACK, Target.WEBHOOK] * 2
    for notice in notices:
        assert len(base64.b64decode(notice.to_message())) <= MAX_CONTENT
    assert ENVELOPE < MAX_CONTENT


def test_a_wrong_setting_keeps_its_own_target_off_and_starts_go_on() -> None:
    environment = {**ENVIRONMENT, "NOTIFY_TEAMS": "http://hidden.example/", "NOTIFY_JIRA_CREDENTIAL": "hidden"}
    set_up = Configuration.read(environment)
    assert set_up.notices is not None
    assert set_up.notices.targets == tuple(each for each in Target if each not in (Target.TEAMS, Target.JIRA))
    assert [fault.settings for fault in set_up.faults] == [("NOTIFY_JIRA_CREDENTIAL",), ("NOTIFY_TEAMS",)]
    assert set_up.faults_of(Use.STARTS) == ()
    assert "hidden" not in str(set_up.faults)


def test_a_webhook_whose_secret_is_wrong_is_off_not_unsigned() -> None:
    set_up = Configuration.read({"NOTIFY_WEBHOOK": "https://contoso.example/", "NOTIFY_WEBHOOK_SECRET": "whsec_!"})
    assert set_up.notices is None


@pytest.mark.parametrize("blank", ["", " "])
def test_a_webhook_whose_secret_is_blank_is_off_and_that_is_told(blank: str) -> None:
    set_up = Configuration.read({"NOTIFY_WEBHOOK": "https://contoso.example/", "NOTIFY_WEBHOOK_SECRET": blank})
    assert set_up.notices is None
    assert [str(fault) for fault in set_up.faults] == ["NOTIFY_WEBHOOK_SECRET is blank; give it a value, or delete it"]


def test_nothing_is_told_where_nothing_is_set() -> None:
    assert Configuration.read({}).notices is None


def test_that_a_target_took_a_notice_is_noted_once_until_it_refuses_one() -> None:
    now, parts = [0.0], both(Target.ZENDESK)
    answers: list[tuple[Target, str | None]] = []
    office = PostOffice(
        Settings(),
        SETTINGS,
        new=lambda _: parts.client,
        clock=lambda: now[0],
        answered=lambda target, refusal: answers.append((target, refusal)),
    )
    for _ in range(3):
        office.handle(body(Target.ZENDESK))
    assert answers == [(Target.ZENDESK, None)]
    parts.wire.replies = [Reply(401, {"error": "Couldn't authenticate you"})]
    office.handle(body(Target.ZENDESK))
    now[0] = QUIET + 1
    office.handle(body(Target.ZENDESK))
    assert [target for target, refusal in answers if refusal is None] == [Target.ZENDESK] * 2
    assert "401" in str(answers[1][1])
