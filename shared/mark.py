"""The mark on what the app says, by which it knows its own words when a ticket system sends them back.

A comment that repeats a status event's message names a job; without the mark it would be the next request, and its
event the next comment. The mark begins the text, since systems cut texts at their end; it is words alone, since
brackets and signs are markup somewhere.
"""

from __future__ import annotations

import re

MARK = "start-job-function says"
"""What a text of the app begins with."""

# Patterns are compiled when a text is looked at: what only says needs none.
_WORDS = "".join(filter(str.isalnum, MARK))
_FIRST = "(?i)function"
"""A part of the mark that no system takes apart: texts without it are not looked at closer, nor copied for that."""
_BETWEEN = r"<[^<>]*>|&#?\w{1,8};|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|[\W_]+"
"""What markup, editors and encodings put between words: tags, entities, escapes, blanks, hyphens of any kind."""


def say(text: str) -> str:
    """The text with the mark."""
    return f"{MARK}: {text}"


def unmarked(text: str) -> str:
    """The text without the mark that begins it: for readers who know whose words it is."""
    return text.removeprefix(f"{MARK}: ")


def is_marked(text: str) -> bool:
    """Whether the app's own words are in the text: plain, or as any markup has them."""
    return re.search(_FIRST, text) is not None and _WORDS in re.sub(_BETWEEN, "", text).lower()
