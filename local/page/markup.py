"""HTML out of templates and values: every value is escaped, unless it is HTML that was made here."""

from __future__ import annotations

import hashlib
from html import escape
from typing import TYPE_CHECKING

from shared.text import visible, whole

if TYPE_CHECKING:
    from collections.abc import Iterable


class Html(str):
    """HTML, ready to be put into HTML."""

    __slots__ = ()


def html(template: str, /, **values: object) -> Html:
    """The template with the values in the places of their names.

    A template comes from the code, and has its attributes in quotes. A list is the HTML of its items.
    """
    return Html(template.format(**{name: _escaped(value) for name, value in values.items()}))


def join(parts: Iterable[Html]) -> Html:
    """One after the other."""
    return Html("".join(parts))


def keyed(tag: str, key: str, content: Html, *, look: str = "") -> Html:
    """An item of a list that the script brings up to date: by its id, and only where its version differs."""
    version = hashlib.sha256(f"{look} {content}".encode(errors="replace")).hexdigest()[:12]
    return html(
        '<{tag} id="{key}" class="{look}" data-version="{version}">{content}</{tag}>',
        tag=tag,
        key=key,
        look=look,
        version=version,
        content=content,
    )


def _escaped(value: object) -> str:
    if isinstance(value, Html):
        return value
    # Nothing hides in a text, or turns the direction of what follows it.
    return escape(visible(whole(str(value))))
