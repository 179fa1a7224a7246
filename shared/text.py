"""Texts from elsewhere, made fit for a message or an entry: whole, visible, and cut to what it takes."""

from __future__ import annotations

import re

MAX_TEXT = 2000
"""Longest text from elsewhere (an error of Graph, a message that is quoted), in characters."""

_LONGEST_WORD = 100

_INVISIBLE = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]"
"""Control characters, and those that turn the direction of what follows. Compiled when a text may have one."""


def shorten(text: str, longest: int = MAX_TEXT) -> str:
    """The text, or its beginning with an ellipsis where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def lowered(text: str) -> str:
    """The text in lower case, to be compared with a word; of a long one, its beginning.

    To write a whole text in lower case takes twelve bytes a character, which threads keep for the next one.
    """
    return text[:_LONGEST_WORD].lower()


def whole(text: str) -> str:
    """The text with a question mark for each half of a surrogate pair, which JSON can spell and UTF-8 can't."""
    return text.encode(errors="replace").decode()


def visible(text: str) -> str:
    """The text with control characters written as escapes, such as \\n: nothing hides in it, or breaks a line."""
    if text.isprintable():
        return text
    return re.sub(_INVISIBLE, lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
