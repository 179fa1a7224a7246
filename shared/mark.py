"""The mark on the app's texts, by which it recognizes them when a ticket system sends them back.

A comment that repeats a status event's message names a job. Without the mark, the comment would be a new request, and
the request's event a new comment. The mark is at the beginning, because systems cut texts at their end. It has only
words, because brackets and signs are markup in some systems.
"""

from __future__ import annotations

import re

MARK = "start-job-function says"
"""The beginning of every text of the app."""

# Patterns are compiled when a text is checked. Code that only writes texts needs none.
_WORDS = "".join(filter(str.isalnum, MARK))
_FIRST = "(?i)function"
"""A part of the mark that no system splits. A text without it is neither copied nor checked further."""
_BETWEEN = r"<[^<>]*>|&#?\w{1,8};|%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|[\W_]+"
"""What markup, editors and encodings put between words: tags, entities, escapes, blanks, hyphens of any kind."""


def say(text: str) -> str:
    """The text with the mark."""
    return f"{MARK}: {text}"


def unmarked(text: str) -> str:
    """The text without the mark at its beginning, for readers who know that the app wrote it."""
    return text.removeprefix(f"{MARK}: ")


def is_marked(text: str) -> bool:
    """Whether the text contains the mark, plain or with any markup in it."""
    return re.search(_FIRST, text) is not None and _WORDS in re.sub(_BETWEEN, "", text).lower()
