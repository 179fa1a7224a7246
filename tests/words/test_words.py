"""The check of words: `make lint` runs it over the pages, and over every sentence that the code can make."""

from __future__ import annotations

import pytest

from tests.words import check
from tests.words.said import events, written


def test_the_code_says_something() -> None:
    said = dict(events())
    assert len(said) > 30
    assert any("lacks the permission" in text for _, text in events())
    assert any("must be a GUID" in text for _, text in written())


@pytest.mark.parametrize(
    "text",
    [
        "Mend the cause.",
        "It stands in the answer.",
        "20 starts a second.",
        "One start a quarantine.",
        "This is no start request.",
        "One call an hour.",
        "The alert tells of a quarantine.",
        "Give it a key of its own.",
        "The event is dropped then.",
        "The table is looked at first.",
        "Word " * 26 + "end.",
    ],
)
def test_a_fault_is_found(text: str) -> None:
    assert list(check.faults(text))


@pytest.mark.parametrize(
    "text",
    [
        "It is no longer there.",
        "Wait a minute.",
        "Word " * 24 + "end. Word.",
        "An app starts a job.",
        "A ticket gets the events of its own request.",
        "There are no more than 20 starts.",
        "The job is then started.",
    ],
)
def test_plain_words_are_left_alone(text: str) -> None:
    assert list(check.faults(text)) == []


def test_code_is_not_read() -> None:
    page = "A `mend` b.\n\n```sh\nmend\n```\n\n    mend it\n\n| mend | b |\n"
    assert [fault for text in check.paragraphs(page) for fault in check.faults(text)] == list(check.faults("mend"))
