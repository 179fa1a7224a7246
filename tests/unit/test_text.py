"""Texts from outside the app."""

from __future__ import annotations

import pytest

from shared.text import shorten, visible


def test_long_texts_end_in_an_ellipsis() -> None:
    assert (shorten("abc", 3), shorten("abcd", 3)) == ("abc", "ab…")


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Zoë, 東京 💥", "Zoë, 東京 💥"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x00\x1b[31m\x7f\x9b", "\\x00\\x1b[31m\\x7f\\x9b"),
        ("a\u202eb\u2028", "a\\u202eb\\u2028"),
    ],
)
def test_control_characters_are_seen_as_escapes(text: str, seen: str) -> None:
    assert visible(text) == seen
