"""One delivery: exactly once if the target can be asked, at most one repeat if not, and never endless attempts."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from local.targets.vendor import Reply
from shared.errors import TargetRefused
from shared.notices.deliver import GAPS, PATIENCE, Again, deliver
from shared.notices.notice import Notice, read_notice
from shared.notices.target import Target
from tests.unit.notices.setup import SLACK_THREAD, TICKETS, Both, both, outgoing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CHATS = (Target.TEAMS, Target.SLACK)
METHODS = {Target.SERVICENOW: "PATCH", Target.ZENDESK: "PUT"}


def told(parts: Both, target: str, notice: Notice | None = None, **given: int) -> Again | None:
    found = outgoing(target)
    name = Target(target) if target in set(Target) else Target.SLACK
    return deliver(notice or Notice(name, found.event), found, parts.client, now=NOW, **given)


@pytest.mark.parametrize("target", [*TICKETS, SLACK_THREAD, Target.WEBHOOK])
@pytest.mark.parametrize("deaths", [1, 3])
def test_a_worker_that_dies_after_the_post_makes_no_second_note(target: str, deaths: int) -> None:
    parts = both(target)
    for count in range(1, deaths + 2):
        assert told(parts, target, dequeue_count=count) is None
    assert len(parts.vendor.arrived) == 1


@pytest.mark.parametrize("target", [*TICKETS, SLACK_THREAD, Target.WEBHOOK])
def test_workers_that_die_before_the_post_keep_no_note_back(target: str) -> None:
    parts = both(target)
    assert told(parts, target, dequeue_count=5) is None
    assert len(parts.vendor.arrived) == 1


@pytest.mark.parametrize("target", [*TICKETS, SLACK_THREAD, Target.WEBHOOK])
def test_an_event_that_is_sent_twice_is_told_once(target: str) -> None:
    parts = both(target)
    told(parts, target)
    told(parts, target)
    assert len(parts.vendor.arrived) == 1


@pytest.mark.parametrize("target", [*TICKETS, SLACK_THREAD, Target.WEBHOOK])
def test_a_lost_answer_makes_no_second_note(target: str) -> None:
    parts = both(target)
    parts.wire.lost = [METHODS.get(target, "POST")]  # type: ignore[call-overload]
    again = told(parts, target)
    assert again is not None
    assert told(parts, target, again.notice) is None
    assert len(parts.vendor.arrived) == 1


@pytest.mark.parametrize("target", CHATS)
def test_a_chat_gets_at_most_one_repeat(target: Target, caplog: pytest.LogCaptureFixture) -> None:
    parts = both(target)
    parts.wire.lost = ["POST"] * 5
    again = told(parts, target)
    assert again is not None
    again = told(parts, target, again.notice)
    assert again is not None
    assert told(parts, target, again.notice) is None
    assert len(parts.vendor.arrived) == 2
    assert "notice_given_up" in caplog.text


@pytest.mark.parametrize("target", CHATS)
def test_a_chat_gets_at_most_one_repeat_of_dead_workers(target: Target) -> None:
    parts = both(target)
    for count in range(1, 6):
        told(parts, target, dequeue_count=count)
    assert len(parts.vendor.arrived) == 2


@pytest.mark.parametrize("target", CHATS)
def test_a_chat_that_is_down_for_hours_gets_its_message_once(target: Target) -> None:
    parts = both(target)
    again = Again(Notice(target, outgoing(target).event), 0)
    for _ in range(20):
        parts.wire.replies = [parts.vendor.error(503)] if target is Target.TEAMS else [Reply(503, "")]
        found = told(parts, target, again.notice)
        assert found is not None
        again = found
    assert told(parts, target, again.notice) is None
    assert len(parts.vendor.arrived) == 1


def test_the_gaps_grow_and_a_target_that_asks_for_more_gets_it() -> None:
    parts = both(Target.TEAMS)
    notice = Notice(Target.TEAMS, outgoing(Target.TEAMS).event)
    seconds = []
    for _ in range(len(GAPS) + 1):
        parts.wire.replies = [Reply(503)]
        again = told(parts, Target.TEAMS, notice)
        assert again is not None
        seconds.append(again.seconds)
        notice = again.notice
    assert seconds == [*GAPS, GAPS[-1]]
    parts.wire.replies = [Reply(429, "", {"Retry-After": "3000"})]
    again = told(parts, Target.TEAMS, notice)
    assert again is not None
    assert again.seconds == 3000


def test_a_target_that_stays_down_is_given_up_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    parts = both(Target.JIRA)
    notice = Notice(Target.JIRA, outgoing(Target.JIRA).event, tries=40, first_tried=NOW - PATIENCE)
    parts.wire.replies = [Reply(503)]
    with caplog.at_level(logging.WARNING):
        assert told(parts, Target.JIRA, notice) is None
    assert "notice_given_up target=jira" in caplog.text


def test_a_ticket_that_is_gone_is_given_up_at_once_and_a_bad_credential_is_raised(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = both(Target.ZENDESK)
    parts.vendor.tickets.clear()
    assert told(parts, Target.ZENDESK) is None
    assert "notice_given_up" in caplog.text
    parts.wire.replies = [Reply(401)]
    with pytest.raises(TargetRefused):
        told(parts, Target.ZENDESK)


def test_a_notice_is_read_as_it_was_written() -> None:
    event = outgoing(Target.JIRA).event
    for notice in (
        Notice(Target.JIRA, event),
        Notice(Target.TEAMS, event, tries=3, unclear=1, first_tried=NOW - timedelta(hours=1)),
    ):
        assert read_notice(notice.to_message().encode()) == notice
