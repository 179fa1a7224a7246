"""The mark on the app's own texts: it is recognized however a system changes the text, and in no other text."""

from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mark import MARK, is_marked, say, unmarked
from tests.examples import JOB, PRINCIPAL

SAID = say(f"Graph does not know servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}.")


@pytest.mark.parametrize(
    "text",
    [
        SAID,
        SAID.upper(),
        f"INC-7 failed/not_found: {SAID}",
        f"<p><strong>{MARK}</strong>: Job x is paused.</p>",
        f"<p>start-<em>job</em>-function&nbsp;says: {html.escape(SAID)}</p>",
        SAID.replace("-", "&#45;").replace(" ", "&nbsp;"),
        SAID.replace("-", "\u2011").replace(" ", "\u00a0"),
        SAID.replace("-", "\\-"),
        f"{{color:red}}*{MARK}*: Job x{{color}}",
        f"bq. {SAID}",
        f"> {SAID}",
        SAID.replace(" ", "\n"),
        json.dumps(json.dumps({"message": SAID})),
        quote(SAID),
        SAID[:60],
    ],
)
def test_own_words_are_known_in_any_markup(text: str) -> None:
    assert is_marked(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "start-job-function",
        "https://start-job-function.azurewebsites.net/api/start-requests",
        f"start-job-function, please start servicePrincipals/{PRINCIPAL}/synchronization/jobs/{JOB}",
        "The function says: start the job",
    ],
)
def test_words_of_people_are_not_taken_for_its_own(text: str) -> None:
    assert not is_marked(text)


@given(st.text(max_size=200), st.text(max_size=200))
def test_surrounding_text_does_not_hide_the_mark(before: str, after: str) -> None:
    # No system produces an open tag or an escape that runs into the mark.
    assert is_marked(f"{before.replace('<', '').replace('&', '').replace('%', '')} {SAID} {after}")


def test_the_mark_is_short() -> None:
    assert len(MARK) < 30


def test_the_mark_is_removed_only_at_the_beginning_of_a_text() -> None:
    assert unmarked(say("The job runs.")) == "The job runs."
    assert unmarked(f"He wrote: {say('x')}") == f"He wrote: {say('x')}"
