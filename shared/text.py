"""Makes texts from other systems safe for a message or an entry: valid Unicode, visible, and cut to its limit."""

from __future__ import annotations

import re

MAX_TEXT = 2000
"""Longest text from another system (an error of Graph, a message that is quoted), in characters."""

_LONGEST_WORD = 100

_INVISIBLE = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
"""Control characters, and those that change the direction of text. Compiled when a text may have one."""


def shorten(text: str, longest: int = MAX_TEXT) -> str:
    """The text, or its beginning with an ellipsis if it is longer than `longest` characters."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def lowered(text: str) -> str:
    """The text in lower case, for comparison with a word. Of a long text, only the beginning.

    To convert a whole text takes twelve bytes per character, which each thread keeps for the next text.
    """
    return text[:_LONGEST_WORD].lower()


def whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which JSON can write but UTF-8 can't."""
    return text.encode(errors="replace").decode()


def visible(text: str) -> str:
    """The text with control characters as escapes, such as \\n, so that it has no hidden parts or line breaks."""
    if text.isprintable():
        return text
    return re.sub(_INVISIBLE, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
