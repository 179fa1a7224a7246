"""The Adaptive Card for Teams: version 1.4, with elements that do not read markup.

Texts from other systems are in text runs, in which Adaptive Cards have no Markdown. A mention would need an entity
next to the card, which the message never has. A card has at most MAX_CARD bytes, because Teams accepts 28 KB, its own
additions included.

Source: Microsoft, "Adaptive Cards schema explorer" (RichTextBlock, TextRun, ColumnSet, Action.OpenUrl).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shared.json_text import write_json
from shared.notices.note import footer, one_line
from shared.outcome import Outcome
from shared.text import shorten

if TYPE_CHECKING:
    from shared.notices.links import Link
    from shared.notices.told import Told

MAX_CARD = 20_000
"""The most bytes of the message, as JSON."""

MAX_WORD = 24
"""The most characters of a word without a place for a line break."""
_LONG_WORD = re.compile(rf"\S{{{MAX_WORD + 1},}}")

_COLORS = {
    Outcome.RECOVERED: "good",
    Outcome.STARTED: "accent",
    Outcome.HELD: "warning",
    Outcome.UNCONFIRMED: "warning",
    Outcome.REJECTED: "warning",
    Outcome.DELAYED: "warning",
    Outcome.RELAPSED: "attention",
    Outcome.FAILED: "attention",
}


def card_message(told: Told, links: list[Link]) -> dict[str, Any]:
    """The message with the card, in the form that a workflow in Teams accepts."""
    longest = 4000
    while len(write_json(message := _message(card(told, links, longest)))) > MAX_CARD:
        longest //= 2
    return message


def card(told: Told, links: list[Link], longest: int = 4000) -> dict[str, Any]:
    """The card. Texts are cut to `longest` characters."""
    color = _COLORS.get(told.outcome, "default")  # type: ignore[call-overload]
    title = _text(told.title, longest, size="large", weight="bolder", color=color)
    body = [title, _text(told.message, longest)]
    if told.advice:
        body.append(_rich([_run("To do: ", longest, weight="bolder"), _run(told.advice, longest)]))
    body += [_fact(name, value, longest) for name, value in told.facts]
    ids = [*(f"{name} {value}" for name, value in told.ids), footer(told.event_id)]
    body += [_id(line, "small" if index else "medium") for index, line in enumerate(ids)]
    actions = [{"type": "Action.OpenUrl", "title": link.title, "url": link.url} for link in links]
    return {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": one_line(shorten(f"{told.title}. {told.message}", longest)),
        "body": body,
        **({"actions": actions} if actions else {}),
    }


def _message(content: dict[str, Any]) -> dict[str, Any]:
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": content}
    return {"type": "message", "attachments": [attachment]}


def _fact(name: str, value: str, longest: int) -> dict[str, Any]:
    """A name and its value. They are not a FactSet, which would read Markdown in both."""
    return {
        "type": "ColumnSet",
        "spacing": "small",
        "columns": [
            {"type": "Column", "width": "130px", "items": [_text(name, longest, weight="bolder")]},
            {"type": "Column", "width": "stretch", "items": [_text(value, longest)]},
        ],
    }


def _text(text: str, longest: int, *, spacing: str | None = None, **look: str | bool) -> dict[str, Any]:
    return _rich([_run(text, longest, **look)], spacing)


def _rich(runs: list[dict[str, Any]], spacing: str | None = None) -> dict[str, Any]:
    return {"type": "RichTextBlock", **({"spacing": spacing} if spacing else {}), "inlines": runs}


def _id(text: str, spacing: str) -> dict[str, Any]:
    """A line of ids, which are checked, so that they have no markup. It is never cut, so that people can copy them."""
    return {"type": "TextBlock", "text": text, "wrap": True, "size": "small", "isSubtle": True, "spacing": spacing}


def _run(text: str, longest: int, **look: str | bool) -> dict[str, Any]:
    # one_line removes the space that separates this run from the next one.
    end = " " if text.endswith(" ") else ""
    return {"type": "TextRun", "text": _breakable(one_line(shorten(text, longest))) + end, **look}


def _breakable(text: str) -> str:
    """The text with zero-width spaces in long words, because renderers do not break words in a text run."""
    return _LONG_WORD.sub(lambda word: "\u200b".join(re.findall(f".{{1,{MAX_WORD}}}", word[0])), text)
