"""The note on a ticket: its lines, and how to write them in each format as plain text.

A line may have text of other systems, such as an error or the name of an application. In every format here, such text
cannot mention a person, make a link or use markup. Only the app itself makes links.
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
"""The app's name in data of a ticket system."""


def lines(told: Told, links: list[Link]) -> list[str]:
    """The lines of a note, without markup. The last one has the event's id, by which the app finds the note again."""
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
    """The line by which the app finds its note about an event."""
    return say(f"event {event_id}")


def one_line(text: str) -> str:
    """The text in one line. Invisible characters become escapes, and lone surrogates, which break requests, "?"."""
    return visible(" ".join(text.split())).encode(errors="replace").decode()


def plain(note: list[str]) -> str:
    """The note as plain text."""
    return "\n".join(note)


def as_html(note: list[str]) -> str:
    """The note as HTML, for systems that do not accept plain text."""
    return "".join(f"<div>{html.escape(line)}</div>" for line in note)


def as_document(note: list[str]) -> dict[str, Any]:
    """The note in the Atlassian Document Format, whose text nodes have no markup."""
    paragraphs = [{"type": "paragraph", "content": [{"type": "text", "text": line}]} for line in note]
    return {"type": "doc", "version": 1, "content": paragraphs}


def as_journal(note: list[str]) -> str:
    """The note as an entry of ServiceNow's journal, which renders text between [code] and [/code] as HTML."""
    return re.sub(r"\[(?=\s*/?\s*code\s*\])", "(", plain(note), flags=re.IGNORECASE)
