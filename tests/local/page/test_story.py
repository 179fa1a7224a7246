"""The story of a request: each event is a moment, and the end is open while something is still to happen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from local.page.story import Kind, Sent, Story, stories
from tests.examples import JOB, PRINCIPAL, REQUEST_ID
from tests.unit.notices.events import event

_SENT = Sent(REQUEST_ID, datetime(2026, 11, 23, 10, tzinfo=UTC), "ServiceNow incident INC1", JOB, "Contoso HR")


def told(outcome: str, second: int, **data: Any) -> dict[str, Any]:
    """An event of the request, that many seconds after its acceptance."""
    given = event(outcome, requestedAt="2026-11-23T10:00:00.000Z", **data)
    return {**given, "time": f"2026-11-23T10:00:{second:02}.000Z"}


def call(
    second: int, status: int | None, path: str = f"/v1.0/servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}"
) -> dict[str, Any]:
    return {"path": path, "status": status, "time": f"2026-11-23T10:00:{second:02}.000000Z"}


def titles(story: Story) -> list[str]:
    return [moment.title for moment in story.moments]


def test_a_request_that_was_sent_is_under_way() -> None:
    (story,) = stories([_SENT], [])
    assert titles(story) == ["accepted", "under way"]
    assert story.is_open
    assert story.application == "Contoso HR"


def test_a_start_is_open_until_its_fate_is_known() -> None:
    (story,) = stories([_SENT], [told("started", 1)])
    assert titles(story) == ["accepted", "started", "did it help?"]
    (story,) = stories([_SENT], [told("started", 1), told("recovered", 9)])
    assert titles(story) == ["accepted", "started", "recovered"]
    assert not story.is_open


def test_a_request_that_waits_says_why_and_how_often_graph_was_asked() -> None:
    calls = [call(1, 200, "/elsewhere/jobs/other"), call(2, 503), call(5, 503)]
    (story,) = stories([_SENT], [], calls)
    assert story.moments[-1].title == "waits"
    assert story.moments[-1].detail == "Graph was asked 2 times; its last answer: 503"
    (story,) = stories([_SENT], [told("delayed", 9, message="start-job-function says: The request waits.")], calls)
    assert titles(story) == ["accepted", "waits", "still waits"]
    assert story.moments[1].detail == "The request waits."


@pytest.mark.parametrize(
    ("outcome", "kind"), [("held", Kind.HELD), ("failed", Kind.BAD), ("skipped", Kind.QUIET), ("paused", Kind.QUIET)]
)
def test_an_event_ends_it(outcome: str, kind: Kind) -> None:
    (story,) = stories([], [told(outcome, 1)])
    assert [moment.kind for moment in story.moments] == [Kind.ACCEPTED, kind]


def test_an_event_without_the_time_of_its_request_begins_the_story() -> None:
    (story,) = stories([], [event("rejected", job={})])
    assert titles(story) == ["rejected"]


def test_stories_come_in_the_order_in_which_they_began() -> None:
    later = Sent("later", datetime(2026, 11, 23, 11, tzinfo=UTC), "", "job", "")
    assert [story.request_id for story in stories([later], [told("started", 1)])] == [REQUEST_ID, "later"]
