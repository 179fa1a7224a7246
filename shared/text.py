"""Texts from elsewhere, cut to what a message or an entry carries of them."""

MAX_TEXT = 2000
"""Longest text from elsewhere (an error of Graph, a message that is quoted), in characters."""


def shorten(text: str, longest: int = MAX_TEXT) -> str:
    """The text, or its beginning with an ellipsis where it is longer."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
