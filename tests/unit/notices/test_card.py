"""The card matches the published schema, renders with Microsoft's renderer in a browser, and fits into Teams' limit."""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import validators

from shared.notices.card import MAX_CARD, card_message
from shared.notices.links import links_of
from shared.notices.told import told
from shared.outcome import Outcome
from tests.unit.notices.events import HOSTILE, event, longest
from tests.unit.notices.setup import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[3]
RENDERER = ROOT / "tests" / "cards" / "node_modules" / "adaptivecards" / "dist" / "adaptivecards.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
SCHEMA = os.environ.get("ADAPTIVE_CARDS_SCHEMA", "")
"""The path of schemas/1.4.0/adaptive-card.json of microsoft/AdaptiveCards, which is not copied here."""

EVENTS: Mapping[str, dict[str, Any]] = {
    **{outcome: event(outcome) for outcome in Outcome},
    "an outcome of a later version": event("paused"),
    "longest": longest(),
    "hostile": longest(HOSTILE),
    "one long word": longest("x" * 3000),
    "wide": longest("\U0001f4a5"),
    "half characters": event(message="\ud83d" * 100, advice="\udca5"),
    "without anything": event(job={}, advice=None, requestedBy={"source": "queue"}),
}


def message(name: str) -> dict[str, Any]:
    facts = told(EVENTS[name])
    return card_message(facts, links_of(facts, SETTINGS, "https://graph.microsoft.com"))


def card(name: str) -> dict[str, Any]:
    content: dict[str, Any] = message(name)["attachments"][0]["content"]
    return content


@pytest.mark.parametrize("name", EVENTS)
def test_a_card_is_small_enough_and_says_what_happened(name: str) -> None:
    text = json.dumps(message(name), separators=(",", ":"))
    assert len(text) <= MAX_CARD
    assert card(name)["version"] == "1.4"
    assert EVENTS[name]["id"] in text


@pytest.mark.skipif(not SCHEMA, reason="ADAPTIVE_CARDS_SCHEMA does not name the schema of Adaptive Cards 1.4")
@pytest.mark.parametrize("name", EVENTS)
def test_a_card_keeps_the_published_schema(name: str) -> None:
    schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    validators.validator_for(schema)(schema).validate(card(name))


def test_notice_links_to_the_application_and_to_the_ticket() -> None:
    urls = {action["title"]: action["url"] for action in card("held")["actions"]}
    assert urls["Provisioning in Entra"].startswith(
        "https://entra.microsoft.com/#view/Microsoft_AAD_Connect_Provisioning/"
    )
    assert urls["Ticket"] == "https://contoso.service-now.com/task.do?number=INC0010007"


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium to render the cards in")
@pytest.mark.skipif(not RENDERER.exists(), reason="npm ci --prefix tests/cards has not installed the renderer")
def test_the_renderer_shows_every_card_without_a_fault(tmp_path: Path) -> None:
    page = (ROOT / "tests" / "cards" / "page.html").read_text(encoding="utf-8")
    cards = json.dumps({name: card(name) for name in EVENTS}).replace("<", "\\u003c")
    page = page.replace("CARDS;", f"{cards};").replace("RENDERER</script>", f"{RENDERER.read_text()}</script>")
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    done = subprocess.run(  # noqa: S603 - the browser
        [
            str(CHROMIUM),
            *["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
            *["--disable-component-update", "--disable-sync", "--dump-dom"],
            f"--user-data-dir={tmp_path / 'profile'}",
            (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True,
        text=True,
        check=True,
        timeout=110,
    )
    (found,) = re.findall(r"told:([A-Za-z0-9+/=]+):", done.stdout)
    shown = json.loads(base64.b64decode(found))
    assert shown["faults"] == []
    assert shown["overflow"] == []
    assert set(shown["elements"]) <= {"BUTTON", "DIV", "P", "SPAN"}
    assert all(re.fullmatch(r"[A-Za-z0-9 :._-]+", text) for text in shown["markdown"])
