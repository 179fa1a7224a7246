"""The Slack message of an event: blocks of plain text, in which Slack reads no mentions, links or markup.

Only the app's own links are markup. Source: Slack, "Block Kit" (header, section, context) and "Formatting text for app
surfaces" (escaping).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from shared.notices.note import footer, one_line
from shared.text import shorten

if TYPE_CHECKING:
    from shared.notices.links import Link
    from shared.notices.told import Told

MAX_HEADER, MAX_SECTION, MAX_FIELD = 150, 2900, 600
"""The most characters of each text. Slack allows 150, 3,000 and 2,000, and about 13,000 in all blocks together."""

_COLORS = {
    "recovered": "large_green_circle",
    "started": "large_blue_circle",
    "held": "large_yellow_circle",
    "unconfirmed": "large_yellow_circle",
    "rejected": "large_yellow_circle",
    "delayed": "large_yellow_circle",
    "relapsed": "red_circle",
    "failed": "red_circle",
}


def message(told: Told, links: list[Link]) -> dict[str, Any]:
    """The message: blocks, and the text that notifications show instead."""
    sign = _COLORS.get(told.outcome)
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(told.title, MAX_HEADER)},
        {"type": "section", "text": _plain(told.message, MAX_SECTION)},
    ]
    if told.advice:
        blocks.append({"type": "section", "text": _plain(f"To do: {told.advice}", MAX_SECTION)})
    if told.facts:
        fields = [_plain(f"{name}: {value}", MAX_FIELD) for name, value in told.facts]
        blocks.append({"type": "section", "fields": fields})
    if links or sign:
        words = " · ".join(f"<{link.url}|{link.title}>" for link in links)
        text = " ".join(filter(None, (f":{sign}:" if sign else "", words)))
        blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]})
    ids = [*(f"{name} {value}" for name, value in told.ids), footer(told.event_id)]
    blocks.append({"type": "context", "elements": [_plain(line, MAX_FIELD) for line in ids]})
    return {
        "text": escape(one_line(shorten(f"{told.title}. {told.message}", MAX_SECTION))),
        "mrkdwn": False,
        "unfurl_links": False,
        "unfurl_media": False,
        "blocks": blocks,
    }


def escape(text: str) -> str:
    """The text, escaped so that <!channel>, <@U1> and <https://…|…> have no effect."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _plain(text: str, longest: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": shorten(one_line(text), longest), "emoji": False}
