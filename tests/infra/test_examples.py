"""The examples of docs/status-queue.md, with events as the app sends them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import azure.functions as func
import pytest

from docs.examples.read_status import describe as line_of
from docs.examples.status_function import function_app
from shared.event.status_event import StatusEvent
from shared.outcome import Reason
from shared.starting.ending import Ending
from tests.examples import REQUEST_ID, WHEN, start_request

if TYPE_CHECKING:
    from collections.abc import Callable


def event(reason: Reason) -> dict[str, Any]:
    request = start_request()
    return StatusEvent(
        site_name="contoso",
        request_id=REQUEST_ID,
        requested_by=request.requested_by,
        requested_at=WHEN,
        began_at=WHEN,
        finished_at=WHEN,
        ending=Ending(reason=reason),
        job=request.job,
    ).to_json()


@pytest.fixture
def posted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the function posts in the test."""
    texts: list[str] = []
    monkeypatch.setattr(function_app, "_post", lambda body: texts.append(body["text"]))
    function_app._seen.clear()
    return texts


def deliver(value: dict[str, Any]) -> None:
    handler: Callable[[func.QueueMessage], None] = function_app.tell_people.build().get_user_function()
    handler(func.QueueMessage(id="1", body=json.dumps(value)))


def test_script_says_an_event_in_a_line() -> None:
    line = line_of(event(Reason.TOO_MANY_DELETES))
    assert line.startswith("2026-11-23T10:00:00.000Z held/too_many_deletes servicePrincipals/")
    assert "\n" not in line


def test_function_tells_people_what_they_should_see_once(posted: list[str]) -> None:
    for _ in range(2):
        deliver(event(Reason.TOO_MANY_DELETES))
    (text,) = posted
    assert text.startswith("INC-7 held/too_many_deletes: ")


def test_function_keeps_quiet_of_what_went_well(posted: list[str]) -> None:
    deliver(event(Reason.QUARANTINE_CLEARED))
    assert posted == []


def test_function_tells_people_of_an_outcome_that_it_does_not_know(posted: list[str]) -> None:
    unknown = event(Reason.RESUMED)
    unknown["data"]["outcome"] = "delegated"
    deliver(unknown)
    assert "does not know" in posted[0]


def test_every_outcome_is_known_to_the_function() -> None:
    assert {reason.outcome.value for reason in Reason} <= function_app.FOR_PEOPLE | function_app.QUIET


def test_an_event_that_could_not_be_posted_is_posted_at_the_next_delivery(
    posted: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_body: dict[str, str]) -> None:
        raise TimeoutError

    with monkeypatch.context() as patched:
        patched.setattr(function_app, "_post", refuse)
        with pytest.raises(TimeoutError):
            deliver(event(Reason.TOO_MANY_DELETES))
    deliver(event(Reason.TOO_MANY_DELETES))
    assert len(posted) == 1
