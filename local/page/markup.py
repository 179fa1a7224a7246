"""HTML from templates and values. Every value is escaped, unless it is HTML that was made here."""

from __future__ import annotations

import hashlib
from html import escape
from typing import TYPE_CHECKING

from shared.text import visible, whole

if TYPE_CHECKING:
    from collections.abc import Iterable


class Html(str):
    """HTML that is safe to insert into HTML."""

    __slots__ = ()


def html(template: str, /, **values: object) -> Html:
    """Replace the names in the template by the values.

    A template is part of the code, with quoted attributes. A list is replaced by the HTML of its items.
    """
    return Html(template.format(**{name: _escaped(value) for name, value in values.items()}))


def join(parts: Iterable[Html]) -> Html:
    """The parts, one after another."""
    return Html("".join(parts))


def keyed(tag: str, key: str, content: Html, *, look: str = "") -> Html:
    """An item of a list that the script updates: found by its id, and replaced if its version differs."""
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
    # Show invisible characters, so that none can hide text or change the direction of what follows.
    return escape(visible(whole(str(value))))
