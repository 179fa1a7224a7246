"""How the demo shows what happens: to a person, or to a program (one status event a line)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Protocol

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from local.client.terminal import STYLES, new_console, show_event

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from local.client.status_events import Event
    from local.client.told import Seen
    from local.demo.scene import Scene


class Display(Protocol):
    """What is shown, in the order in which it happens."""

    def starting(self) -> None:
        """Everything is about to be brought up."""

    def asked(self, scenes: Sequence[Scene]) -> None:
        """These are sent."""

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:
        """A status event came, for the scene with that number where it is known."""

    def told(self, seen: Sequence[Seen]) -> None:
        """What people were told of one of the requests."""

    def ended(self, *, events: Sequence[Event], requests: int, calls: Sequence[dict[str, Any]]) -> None:
        """Every request has its terminal event."""

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """Requests of these scenes got no terminal event in time, or none that says whether the start helped."""


class Lines:
    """One status event a line; nothing else on stdout."""

    def starting(self) -> None:
        """Nothing to tell a program."""

    def asked(self, scenes: Sequence[Scene]) -> None:
        """Nothing to tell a program."""

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:  # noqa: ARG002 - see Display
        """The event as it is."""
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()

    def told(self, seen: Sequence[Seen]) -> None:
        """Nothing to tell a program."""

    def ended(self, *, events: Sequence[Event], requests: int, calls: Sequence[dict[str, Any]]) -> None:
        """Nothing to tell a program."""

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """On stderr."""
        sys.stderr.write(f"an event is missing for the requests of scenes {numbers}; the host's log ends:\n{log}\n")


class Page:
    """For a person at a terminal, or a reader of its output."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or new_console()

    def starting(self) -> None:
        """One line, for the seconds that it takes."""
        self._console.print("Starting storage, a simulated Microsoft Graph, managed identity and the app ...")

    def asked(self, scenes: Sequence[Scene]) -> None:
        """A table of the scenes."""
        table = Table(title="What is asked", title_justify="left", title_style="bold", expand=True)
        table.add_column("#", justify="right", no_wrap=True)
        table.add_column("Application", ratio=4)
        table.add_column("Sent by", ratio=3)
        table.add_column("Asks for", ratio=5)
        table.add_column("Situation", ratio=8)
        for number, scene in enumerate(scenes, 1):
            table.add_row(str(number), scene.application, scene.sending.way, scene.asks, scene.state)
        self._console.print()
        self._console.print(table)
        self._console.print()
        self._console.print(Text("What happened", style="bold"), "(each status event as it arrives)")

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:
        """The event, under the number and the application of its scene."""
        show_event(self._console, event, f"#{number} {scene.application}" if scene else "not asked here")

    def told(self, seen: Sequence[Seen]) -> None:
        """Each text in a frame, under the place where people read it."""
        names = {"servicenow": "Work note on ServiceNow", "teams": "Card in Microsoft Teams,"}
        self._console.print()
        self._console.print(Text("What people read of #1", style="bold"), "(other chats and ticket systems likewise)")
        for each in seen:
            title = f"{names[each.target]} {each.place}"
            self._console.print(Panel(Text(each.text), title=title, title_align="left", expand=False))

    def ended(self, *, events: Sequence[Event], requests: int, calls: Sequence[dict[str, Any]]) -> None:
        """The outcomes in numbers, and where to go from here."""
        table = Table(title="Summary", title_justify="left", title_style="bold")
        table.add_column("Outcome")
        table.add_column("Events", justify="right")
        table.add_column("Reasons")
        counts = Counter(event["data"]["outcome"] for event in events)
        for outcome, count in sorted(counts.items()):
            reasons = sorted({event["data"]["reason"] for event in events if event["data"]["outcome"] == outcome})
            table.add_row(Text(outcome, style=STYLES.get(outcome, "white")), str(count), ", ".join(reasons))
        starts = sum(1 for call in calls if call.get("start", {}).get("tookEffect"))
        self._console.print()
        self._console.print(table)
        self._console.print(
            f"All {requests} requests ended in a status event. Graph was called {len(calls)} times, and "
            f"{starts} jobs were started."
        )
        self._console.print(
            "'make serve' keeps all of it up, to send requests of your own; 'make send' posts what Azure Monitor or a "
            "ticketing system sends."
        )

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """What is missing, and where to look."""
        names = ", ".join(f"#{number}" for number in numbers)
        self._console.print()
        self._console.print(
            Text(f"An event is missing for {names}: the terminal one, or the start's fate.", style="bold red")
        )
        self._console.print(Text(f"The host's log ends:\n{log}"))
