"""The demo's bookkeeping, and what it shows if something goes wrong."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console

from local.client.asked import Asked, Fates
from local.demo.page import Page
from local.demo.scenes import scenes
from local.demo.tally import Tally


def _event(request_id: str, *, queued: tuple[str, ...] = (), parent: str | None = None) -> dict[str, Any]:
    data: dict[str, Any] = {"requestId": request_id, "queued": [{"requestId": each} for each in queued]}
    return {"data": {**data, "parentRequestId": parent} if parent else data}


def _outcome(request_id: str, outcome: str) -> dict[str, Any]:
    return {"data": {"requestId": request_id, "outcome": outcome}}


def test_request_is_open_until_its_event_comes() -> None:
    asked = Asked()
    asked.add(1, ["a"])
    asked.add(2, ["b"])

    asked.end(_event("a"))

    assert asked.open
    assert asked.open_numbers == [2]
    assert asked.end(_event("b")) == 2
    assert not asked.open


def test_request_that_becomes_several_is_done_with_the_last_of_them_in_any_order() -> None:
    asked = Asked()
    asked.add(3, ["parent"])

    numbers = [
        asked.end(_event("child-1", parent="parent")),
        asked.end(_event("parent", queued=("child-1", "child-2"))),
    ]

    assert numbers == [3, 3]
    assert asked.open_numbers == [3]
    assert asked.end(_event("child-2", parent="parent")) == 3
    assert not asked.open
    assert asked.count == 3


def test_scenes_are_named_of_the_requests_that_are_known() -> None:
    asked = Asked()
    asked.add(4, ["a", "b"])
    asked.add(2, ["c"])

    assert asked.numbers({"b", "c", "somebody-else's"}) == [2, 4]


def test_event_of_another_request_ends_nothing() -> None:
    asked = Asked()
    asked.add(1, ["a"])

    assert asked.end(_event("other")) is None
    assert asked.open


@pytest.mark.parametrize("fate", ["recovered", "relapsed", "unconfirmed"])
@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(["started"], id="event missing"),
        pytest.param(["held", "started"], id="other order"),
        pytest.param(["started", "skipped"], id="other ending"),
    ],
)
def test_start_is_open_until_its_fate_is_known(seen: list[str], fate: str) -> None:
    fates = Fates()

    for outcome in seen:
        fates.note(_outcome("a", outcome))
    fates.note(_outcome("b", fate))
    before = fates.unknown
    fates.note(_outcome("a", fate))

    assert (before, fates.unknown) == ({"a"}, set())


def test_fate_may_come_before_the_event_of_its_start() -> None:
    fates = Fates()

    fates.note(_outcome("a", "recovered"))
    fates.note(_outcome("a", "started"))

    assert fates.unknown == set()


def test_page_shows_markup_from_elsewhere_as_it_is() -> None:
    page, output = _page()
    data = {"outcome": "failed", "reason": "gave_up", "message": "[bold]a[/bold] [/]", "advice": "[red]do"}

    page.event({"time": "2026-11-23T10:00:00.000Z", "data": data}, None, None)

    assert "[bold]a[/bold] [/]" in output.getvalue()
    assert "To do: [red]do" in output.getvalue()


def test_page_names_what_got_no_event_and_shows_the_log() -> None:
    page, output = _page()

    page.unanswered([2, 5], "ValueError: [no] markup")

    assert "#2, #5" in output.getvalue()
    assert "ValueError: [no] markup" in output.getvalue()


def _seven_starts() -> Tally:
    tally = Tally()
    for number, (requests, said) in enumerate(
        [(1, "started recovered"), (1, "held"), (3, "started relapsed started relapsed held")], 1
    ):
        tally.asked(number, requests)
        for place, outcome in enumerate(said.split()):
            reason = "too_many_deletes" if number == 2 else "relapsing"
            event = {"id": f"{number}-{place}", "data": {"outcome": outcome, "reason": reason}}
            for _ in range(2):
                tally.event(number, event)
    return tally


def test_sums_of_the_summary_add_up_and_an_event_twice_counts_once() -> None:
    tally = _seven_starts()

    assert [tally.became(number) for number in (1, 2, 3)] == [
        "started, recovered",
        "held (too_many_deletes)",
        "2 started, 2 relapsed, held (relapsing)",
    ]
    assert tally.all_requests == sum(tally.requests(number) for number in (1, 2, 3)) == tally.endings == 5
    assert tally.count("started") == sum(tally.fates.values()) == 3


@pytest.mark.parametrize("width", [40, 80, 110])
def test_page_names_every_scene_and_its_two_heights_at_any_width(width: int) -> None:
    page, output = _page(width)
    acts = scenes()

    page.starting()
    page.asked(acts)
    before = " ".join(output.getvalue().split())
    page.ended(acts, _seven_starts(), [])
    lines = output.getvalue().splitlines()

    assert [before.count(f"Look out for #{number} {acts[number - 1].application}") for number in (3, 7)] == [1, 1]
    assert all(any(f"{act.application}" in line for line in lines) for act in acts)
    assert max(map(len, lines)) <= width


def _page(width: int = 80) -> tuple[Page, io.StringIO]:
    output = io.StringIO()
    return Page(Console(file=output, width=width, highlight=False)), output
