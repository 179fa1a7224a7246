"""The card in Teams as HTML: its text with its looks, but without its buttons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local.page.markup import Html, html, join
from shared.notices.card import card
from shared.notices.told import told

if TYPE_CHECKING:
    from local.client.status_events import Event


def card_of(event: Event) -> Html:
    """The card for an event, without its links."""
    return join(_element(element) for element in card(told(event), [])["body"])


def _element(element: dict[str, Any]) -> Html:
    match element["type"]:
        case "TextBlock":
            return html('<p class="id">{text}</p>', text=element["text"])
        case "RichTextBlock":
            return html("<p>{runs}</p>", runs=join(_run(run) for run in element["inlines"]))
        case "ColumnSet":
            items = (item for column in element["columns"] for item in column["items"])
            name, value = (join(_run(run) for run in item["inlines"]) for item in items)
            return html('<p class="fact">{name} {value}</p>', name=name, value=value)
        case kind:
            raise ValueError(f"the app's cards have no {kind}")


def _run(run: dict[str, Any]) -> Html:
    look = " ".join(str(run[name]) for name in ("size", "weight", "color") if name in run and run[name] != "default")
    return html('<span class="{look}">{text}</span>', look=look, text=run["text"])
