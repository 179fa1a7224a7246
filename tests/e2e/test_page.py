"""The page in a real browser: a job goes into quarantine, a ticket asks, and card, story and note appear."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
import requests

from local.page.event_log import EventLog
from local.parts.system import LocalSystem, Options
from tests.e2e.browser import CHROMIUM, DRIVER, Browser
from tests.unit.notices.events import event

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="there is no Chromium with its driver (Debian: chromium-driver)"
)

_TAB, _ENTER = "\ue004", "\ue007"
_HOSTILE = "<script>document.title = 'run'</script><img src=x onerror=\"document.title = 'run'\">"

_CONTRASTS = """
const parse = (color) => color.match(/[\\d.]+/g).map(Number);
const light = (color) => {
  const linear = (part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = color.map((part) => linear(part / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const back = (element) => {
  for (let at = element; at; at = at.parentElement) {
    const color = parse(getComputedStyle(at).backgroundColor);
    if (color[3] !== 0) return color.slice(0, 3);
  }
};
const poor = [];
for (const element of document.querySelectorAll("body *")) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || element.closest("noscript, select")) continue;
  const [a, b] = [light(parse(getComputedStyle(element).color).slice(0, 3)), light(back(element))];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${element.tagName} ${element.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
}
return poor;
"""
"""Returns texts with too little contrast to their background. Source: W3C, WCAG 2.2, "Contrast (Minimum)"."""


@pytest.fixture(scope="module")
def system() -> Iterator[LocalSystem]:
    """The system as `serve --page` runs it, but without long waits."""
    with LocalSystem(Options(max_poll=0.2, visibility=0, page=True)) as system:
        yield system


@pytest.fixture
def browser(system: LocalSystem, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that has the page open."""
    assert system.page is not None
    with Browser(tmp_path_factory.mktemp("profile")) as browser:
        browser.open(system.page.url)
        yield browser


def wait_for(browser: Browser, selector: str, *texts: str) -> None:
    """Wait until the element has all of these texts."""
    browser.wait(lambda: all(text in browser.text(selector) for text in texts), what=f"{texts} in {selector}")


def tab_to(browser: Browser, element_id: str) -> None:
    """Move the focus there with the keyboard only."""
    for _ in range(200):
        if browser.run("return document.activeElement.id") == element_id:
            return
        browser.keys(_TAB)
    raise AssertionError(f"no tab leads to {element_id}")


def test_a_ticket_for_a_quarantined_job_ends_in_a_card_and_a_note(system: LocalSystem, browser: Browser) -> None:
    browser.click("#job-0-quarantine")
    wait_for(browser, "#said", "Contoso Expenses: in quarantine")
    wait_for(browser, "#job-0", "Quarantine")
    browser.type("#summary-0", f"Nobody new gets an account {_HOSTILE}")
    browser.click("#send-0")
    wait_for(browser, "#said", "ServiceNow incident INC", "202")
    wait_for(browser, "#stories", "accepted", "started", "recovered")
    wait_for(browser, "#events", "Contoso Expenses: started", "Contoso Expenses: recovered", "Told: ServiceNow INC")
    wait_for(browser, "#tickets", "Internal note", "Contoso Expenses: started", "has recovered")
    wait_for(browser, "#job-0", "Active")

    # The ticket's text is shown as written, and no part of it was executed.
    assert _HOSTILE in browser.text("#events")
    assert browser.run("return document.title") == "start-job-function on this machine"
    assert browser.complaints() == []
    # The events are still there for other readers of the queue.
    outcomes = {system.app.events.next()["data"]["outcome"] for _ in range(2)}
    assert outcomes == {"started", "recovered"}
    # Events that were read from the queue stay on the page.
    browser.run("location.reload()")
    wait_for(browser, "#events", "Contoso Expenses: started", "Contoso Expenses: recovered")


def test_a_request_waits_while_graph_is_down_and_a_keyboard_is_enough(system: LocalSystem, browser: Browser) -> None:
    tab_to(browser, "graph-button")
    browser.keys(_ENTER)
    wait_for(browser, "#graph", "Microsoft Graph is down")
    # The button was replaced, but keeps the focus, so that a person without a mouse can continue.
    assert browser.run("return document.activeElement.id") == "graph-button"
    tab_to(browser, "job-1-pause")
    browser.keys(_ENTER)
    wait_for(browser, "#job-1", "Paused")
    tab_to(browser, "job-1-quarantine")
    browser.keys(_ENTER)
    wait_for(browser, "#job-1", "Quarantine")
    tab_to(browser, "sender-1")
    browser.keys("Jira")
    tab_to(browser, "send-1")
    browser.keys(_ENTER)
    wait_for(browser, "#stories", "Jira issue IDM-", "waits", "its last answer: 503")
    browser.run("document.getElementById('graph-button').click()")
    wait_for(browser, "#graph", "Microsoft Graph is up")
    wait_for(browser, "#stories > li:first-child", "Jira issue IDM-", "started", "recovered")
    wait_for(browser, "#tickets > li:first-child", "Jira IDM-", "has recovered")
    assert system.simulation.faults() == []


def test_broken_credentials_hold_the_job_until_they_are_fixed(browser: Browser) -> None:
    browser.click("#job-2-break")
    wait_for(browser, "#job-2", "its credentials do not work")
    browser.run("document.getElementById('sender-2').value = 'azure-monitor'")
    browser.click("#send-2")
    wait_for(browser, "#stories > li:first-child", "Azure Monitor alert", "held")
    browser.click("#job-2-fix")
    wait_for(browser, "#said", "its credentials work again")
    browser.click("#send-2")
    wait_for(browser, "#stories > li:first-child", "Azure Monitor alert", "started", "recovered")


def test_a_request_for_all_jobs_becomes_a_story_for_each(browser: Browser) -> None:
    browser.click("#job-1-pause")
    wait_for(browser, "#job-1", "Paused")
    browser.run("document.getElementById('sender-1').value = 'all'")
    browser.click("#send-1")
    wait_for(browser, "#stories", "All its jobs, by HTTP", "expanded", "resumed")
    (parent, child) = browser.run(
        "return [...document.querySelectorAll('#stories > li')].slice(0, 2).map((story) => story.innerText).reverse()"
    )
    assert "expanded" in parent
    assert f"of {parent.rpartition('Request ')[2].strip()}" in child


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_in_every_window(browser: Browser, scheme: str, width: int) -> None:
    features: list[dict[str, Any]] = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.command("Emulation.setEmulatedMedia", features=features)
    browser.command("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
    browser.click("#job-0-run")
    wait_for(browser, "#said", "runs without errors")

    root = "document.documentElement"
    assert browser.run(f"return {root}.scrollWidth <= {root}.clientWidth")
    assert browser.run(_CONTRASTS) == []
    dark = browser.run(f"return getComputedStyle({root}).getPropertyValue('--back')").strip() == "#15171b"
    assert dark == (scheme == "dark")


def test_what_is_set_up_elsewhere_is_shown_too(system: LocalSystem, browser: Browser) -> None:
    system.simulation.put_principal("33333333-2222-3333-4444-555555555555", display_name="Fabrikam Wiki")
    system.simulation.put_job("33333333-2222-3333-4444-555555555555", {"id": "w1 <b>", "status": {"code": "Paused"}})
    wait_for(browser, "#jobs", "Fabrikam Wiki", "w1 <b>")
    browser.click("#job-3-quarantine")
    wait_for(browser, "#job-3", "Quarantine")


def test_more_events_than_a_queue_shows_at_once_are_seen_and_stay(system: LocalSystem) -> None:
    system.app.events.read()
    for number in range(40):
        text = json.dumps({**event(requestedAt="2026-11-23T10:00:00Z"), "id": f"event-{number}"})
        system.app.events.queue.send_message(base64.b64encode(text.encode()).decode())

    log = EventLog(system.app.events.queue)
    log.look()

    assert len(log.events) == 40
    read = [system.app.events.next()["id"] for _ in range(40)]
    assert sorted(read) == sorted(f"event-{number}" for number in range(40))


def test_only_the_page_can_press_buttons(system: LocalSystem) -> None:
    assert system.page is not None
    answer = requests.post(f"{system.page.url}graph", data={"what": "down"}, timeout=30)
    assert answer.status_code == 403
    assert system.simulation.faults() == []
