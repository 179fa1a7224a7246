"""The note on a ticket: its lines, and how each form of text writes them so that they are but text.

A line may hold what anybody wrote: an error of a target system, the name of an application. No form of it here
mentions anybody, links anywhere or runs markup, but for the links that the app makes itself.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from shared.mark import say
from shared.text import visible

if TYPE_CHECKING:
    from shared.notices.links import Link
    from shared.notices.told import Told

NAME = "start-job-function"
"""What the app calls itself in data of a ticket system."""


def lines(told: Told, links: list[Link]) -> list[str]:
    """The lines of a note, without markup. The last one holds the id of the event, by which the note is known again."""
    return [
        one_line(line)
        for line in (
            say(told.title),
            told.message,
            *([f"To do: {told.advice}"] if told.advice else []),
            *(f"{name}: {value}" for name, value in told.facts if name != "Requested by"),
            *(f"{link.title}: {link.url}" for link in links if link.title != "Ticket"),
            ", ".join(f"{name} {value}" for name, value in told.ids),
            footer(told.event_id),
        )
    ]


def footer(event_id: str) -> str:
    """The line by which the app knows its note about an event."""
    return say(f"event {event_id}")


def one_line(text: str) -> str:
    """The text in one line, in which nothing hides; half a character, which no request can hold, becomes a mark."""
    return visible(" ".join(text.split())).encode(errors="replace").decode()


def plain(note: list[str]) -> str:
    """As plain text."""
    return "\n".join(note)


def as_html(note: list[str]) -> str:
    """As HTML, for systems that take no plain text."""
    return "".join(f"<div>{html.escape(line)}</div>" for line in note)


def as_document(note: list[str]) -> dict[str, Any]:
    """In the Atlassian Document Format, whose text nodes have no markup."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in note]
    return {"type": "doc", "version": 1, "content": paragraphs}


def as_journal(note: list[str]) -> str:
    """As an entry of ServiceNow's journal, which renders what stands between [code] and [/code] as HTML."""
    return re.sub(r"\[(?=\s*/?\s*code\s*\])", "(", plain(note), flags=re.IGNORECASE)
