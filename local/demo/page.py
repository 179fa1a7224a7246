"""The demo for a person, at a terminal or in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.box import SIMPLE_HEAD
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.client.terminal import NARROW, new_console, show_event
from local.demo.scenes import LOWERED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from local.client.status_events import Event
    from local.client.told import Seen
    from local.demo.scene import Scene
    from local.demo.tally import Tally

_FOR_A_PERSON: Final = frozenset({"held", "failed", "relapsed", "rejected", "unconfirmed"})
"""Outcomes whose advice is shown, because a person has to act."""

_PLACES: Final = {"servicenow": "Work note on ServiceNow", "teams": "Card in Microsoft Teams,"}


class Page:
    """See Display."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or new_console()

    def starting(self) -> None:
        """Introduce the demo, while the system starts."""
        self._print(
            "While a provisioning job is in quarantine, new people get no account, and leavers keep theirs. "
            "start-job-function restarts such jobs. It must know when not to."
        )
        self._print()
        self._print(f"Changed for this demo: {LOWERED}")
        self._print()
        self._print("Starting storage, a simulated Microsoft Graph, a managed identity and the app ...")

    def asked(self, scenes: Sequence[Scene]) -> None:
        """List the scenes, and the ones to watch."""
        self._print()
        self._print(Text("What is about to happen", style="bold"))
        if self._console.width < NARROW:
            for number, scene in enumerate(scenes, 1):
                self._print(f"#{number} {scene.application}: {scene.state}. {_request(scene)}.")
        else:
            table = Table(box=SIMPLE_HEAD, expand=True, pad_edge=False)
            table.add_column("#", justify="right", no_wrap=True)
            table.add_column("Application", ratio=4)
            table.add_column("Situation", ratio=7)
            table.add_column("Who asks for what", ratio=7)
            for number, scene in enumerate(scenes, 1):
                style = "bold" if scene.height else ""
                table.add_row(str(number), scene.application, scene.state, _request(scene), style=style)
            self._print(table)
        for number, scene in enumerate(scenes, 1):
            if scene.height:
                self._print(f"Look out for #{number} {scene.application}: {scene.height.why}")
        self._print()
        self._print(Text("What the app does", style="bold"), "(each status event as it arrives)")

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:
        """Show the event under its scene's application, with a frame around the highlights."""
        whose = Text(scene.application, style="bold") if scene else Text("not asked here")
        whose.append(f" #{number}" if number else "", style="dim")
        height = scene.height if scene else None
        data = event["data"]
        if height is None or f"{data['outcome']}/{data['reason']}" != height.ending:
            show_event(self._console, event, whose, with_advice=data["outcome"] in _FOR_A_PERSON)
            return
        self._print()
        self._console.rule(Text(height.title, style="bold"), style="yellow", align="left")
        show_event(self._console, event, whose)
        self._console.rule(style="yellow")

    def told(self, seen: Sequence[Seen]) -> None:
        """Show the first text in each place, in a frame with the place's name."""
        first = {each.target: each for each in reversed(seen)}
        self._print()
        self._print(
            Text("What people read of #1", style="bold"), "(the first of each; other chats and tickets likewise)"
        )
        for each in first.values():
            title = f"{_PLACES[each.target]} {each.place}"
            self._print(Panel(Text(each.text), title=title, title_align="left", expand=False))

    def ended(self, scenes: Sequence[Scene], tally: Tally, calls: Sequence[dict[str, Any]]) -> None:
        """Show how each scene ended, the totals, and what to do next."""
        self._print()
        self._print(Text("Summary", style="bold"))
        if self._console.width < NARROW:
            for number, scene in enumerate(scenes, 1):
                self._print(f"#{number} {scene.application}: {tally.became(number)}")
        else:
            table = Table(box=SIMPLE_HEAD, pad_edge=False, show_footer=True)
            table.add_column("#", justify="right", no_wrap=True)
            table.add_column("Application", "All", no_wrap=True)
            table.add_column("Requests", str(tally.all_requests), justify="right", no_wrap=True)
            table.add_column("What happened", _fates(tally))
            for number, scene in enumerate(scenes, 1):
                table.add_row(str(number), scene.application, str(tally.requests(number)), tally.became(number))
            self._print(table)
        for scene in scenes:
            if scene.height:
                self._print(Text(f"{scene.application}: {scene.height.moral}", style="bold"))
        starts = [call["path"] for call in calls if call.get("start", {}).get("tookEffect")]
        self._print(
            f"All {tally.all_requests} requests ended in a status event, and {sum(tally.fates.values())} more events "
            f"say whether a start helped. Graph was called {len(calls)} times, and started {len(set(starts))} jobs "
            f"{len(starts)} times."
        )
        self._print("Next: 'make serve' keeps all of it up and tells you what to send; docs/local.md has more.")

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """Say what is missing, and where to look."""
        names = ", ".join(f"#{number}" for number in numbers)
        self._print()
        self._print(Text(f"An event is missing for {names}: the last one, or the start's result.", style="bold red"))
        self._print(Text(f"The host's log ends:\n{log}"))

    def _print(self, *shown: RenderableType) -> None:
        self._console.print(*shown)


def _request(scene: Scene) -> str:
    return f"{scene.sending.way}: {scene.asks}" if scene.asks else scene.sending.way


def _fates(tally: Tally) -> str:
    """How the starts ended, in a line: 7 starts: 5 recovered, 2 relapsed."""
    fates = ", ".join(f"{count} {outcome}" for outcome, count in tally.fates.items())
    return f"{tally.count('started')} starts: {fates}"
