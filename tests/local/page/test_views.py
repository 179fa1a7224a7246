"""The page as HTML: it shows the state of the system, and no text becomes markup."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest

from local.page import views
from local.page.actions import Done
from local.page.markup import html, join
from local.page.observer import Job
from tests.local.page.examples import hostile, snapshot
from tests.unit.notices.events import HOSTILE, event

if TYPE_CHECKING:
    from local.page.observer import Snapshot

_TOKEN = "the-token"


class Reader(HTMLParser):
    """What a browser reads from HTML: its tags, ids and text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(shown: Snapshot, done: Done | None = None) -> Reader:
    return Reader(views.page(shown, _TOKEN, done, tells=True))


def test_page_shows_the_state_of_the_system() -> None:
    text = read(snapshot()).text
    assert "Contoso HR" in text
    assert "Quarantine EncounteredQuarantineException" in text
    assert "Microsoft Graph is up" in text
    assert "Told: ServiceNow Contoso HR, Teams" in text
    assert "Internal note" in text


def test_hostile_texts_stay_texts() -> None:
    fine, page = read(snapshot()), read(hostile(), Done(False, HOSTILE))
    assert page.tags == fine.tags
    assert page.attributes == fine.attributes
    assert "<script>alert(1)</script>" in page.text
    # No text changes the direction of what follows it either.
    assert "\u202e" not in page.text


def test_ids_are_of_one_element_each() -> None:
    ids = read(snapshot()).ids
    assert len(ids) == len(set(ids))
    empty = read(snapshot([], tickets=[])).ids
    assert len(empty) == len(set(empty))


def test_every_form_has_the_token() -> None:
    page = views.page(snapshot(), _TOKEN, None, tells=True)
    assert page.count(f'name="token" value="{_TOKEN}"') == page.count("<form")


def test_the_card_is_the_one_that_people_get() -> None:
    text = Reader(views.parts(snapshot(), _TOKEN)["events"]).text
    assert "Contoso ServiceNow (production): started" in text
    assert "To do: Fix the error that the message names, if it still exists." in text
    assert "Requested by servicenow INC0010007: Nobody new gets an account" in text


def test_an_outcome_without_notices_has_no_card() -> None:
    events = Reader(
        views.parts(snapshot([event("skipped", requestedAt="2026-11-23T10:00:00Z")], told={}), _TOKEN)["events"]
    )
    assert "No notice is sent for this event." in events.text
    assert "Quarantine began" not in events.text


@pytest.mark.parametrize(
    ("changed", "says", "button"),
    [
        ({"graph_is_down": True}, "down: 503 to every call", "Take it up"),
        ({"other_faults": 2}, "up, with 2 faults to come", "Take it up"),
        ({}, "up", "Take it down"),
    ],
)
def test_graph_is_shown_as_it_is(changed: dict[str, Any], says: str, button: str) -> None:
    text = Reader(views.parts(snapshot(**changed), _TOKEN)["graph"]).text
    assert text == f"Microsoft Graph is {says} {button}"


def test_a_value_that_is_not_a_job_is_shown_too() -> None:
    job = Job("principal", "Contoso HR", {"status": "odd"}, credentials_work=False)
    assert "its credentials do not work" in read(snapshot(jobs=[job])).text


def test_values_are_escaped_and_html_is_not() -> None:
    made = html('<p title="{title}">{items}</p>', title='"&', items=join([html("<b>{x}</b>", x="<i>")]))
    assert made == '<p title="&quot;&amp;"><b>&lt;i&gt;</b></p>'


def test_half_a_surrogate_pair_is_shown_as_a_question_mark() -> None:
    assert html("{text}", text="\ud83d!") == "?!"


def test_a_version_changes_with_what_is_shown() -> None:
    one, other = (views.parts(snapshot(text=text), _TOKEN)["tickets"] for text in ("a", "b"))
    assert one.partition("data-version=")[2][:14] != other.partition("data-version=")[2][:14]
