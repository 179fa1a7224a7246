"""How the demo shows what happens: to a person, or to a program (one status event a line)."""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.demo.scene import Scene
    from local.status_events import Event

_WIDEST: Final = 110
_INDENT: Final = 10
_STYLES: Final = {
    "started": "green",
    "recovered": "green",
    "expanded": "blue",
    "skipped": "cyan",
    "held": "yellow",
    "unconfirmed": "yellow",
    "relapsed": "red",
    "failed": "red",
    "rejected": "magenta",
}


class Display(Protocol):
    """What is shown, in the order in which it happens."""

    def starting(self) -> None:
        """Everything is about to be brought up."""

    def asked(self, scenes: Sequence[Scene]) -> None:
        """These are sent."""

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:
        """A status event came, for the scene with that number where it is known."""

    def ended(self, *, events: Sequence[Event], requests: int, calls: Sequence[dict[str, Any]]) -> None:
        """Every request has its terminal event."""

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """Requests of these scenes got no terminal event in time."""


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

    def ended(self, *, events: Sequence[Event], requests: int, calls: Sequence[dict[str, Any]]) -> None:
        """Nothing to tell a program."""

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """On stderr."""
        sys.stderr.write(f"no terminal event for the requests of scenes {numbers}; the host's log ends:\n{log}\n")


class Page:
    """For a person at a terminal, or a reader of its output."""

    def __init__(self, console: Console | None = None) -> None:
        console = console or Console(highlight=False)
        console.width = min(console.width, _WIDEST)
        self._console = console

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
        self._console.print(Text("What became of it", style="bold"), "(each status event as it arrives)")

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:
        """Time, outcome/reason and scene in one line; message and advice below it."""
        data = event["data"]
        head = Table.grid(padding=(0, 2))
        time = datetime.fromisoformat(event["time"]).astimezone()
        outcome = Text(f"{data['outcome']}/{data['reason']}", style=f"bold {_STYLES.get(data['outcome'], 'white')}")
        whose = Text(f"#{number} {scene.application}" if scene else "not asked here", style="bold")
        head.add_column(width=_INDENT - 2)
        head.add_column(min_width=28)
        head.add_row(f"{time:%H:%M:%S}", outcome, whose)
        self._console.print()
        self._console.print(head)
        self._console.print(Padding(Text(data["message"]), (0, 0, 0, _INDENT), expand=False))
        if advice := data.get("advice"):
            self._console.print(Padding(Text(f"To do: {advice}", style="italic"), (0, 0, 0, _INDENT), expand=False))

    def ended(self, *, events: Sequence[Event], requests: int, calls: Sequence[dict[str, Any]]) -> None:
        """The outcomes in numbers, and where to go from here."""
        table = Table(title="Summary", title_justify="left", title_style="bold")
        table.add_column("Outcome")
        table.add_column("Events", justify="right")
        table.add_column("Reasons")
        counts = Counter(event["data"]["outcome"] for event in events)
        for outcome, count in sorted(counts.items()):
            reasons = sorted({event["data"]["reason"] for event in events if event["data"]["outcome"] == outcome})
            table.add_row(Text(outcome, style=_STYLES.get(outcome, "white")), str(count), ", ".join(reasons))
        starts = sum(1 for call in calls if call.get("start", {}).get("tookEffect"))
        self._console.print()
        self._console.print(table)
        self._console.print(
            f"All {requests} requests ended in a status event. Graph was called {len(calls)} times, and "
            f"{starts} jobs were started."
        )
        self._console.print("'make serve' keeps all of it up, to send requests of your own.")

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """What is missing, and where to look."""
        names = ", ".join(f"#{number}" for number in numbers)
        self._console.print()
        self._console.print(Text(f"No terminal event came for {names}.", style="bold red"))
        self._console.print(Text(f"The host's log ends:\n{log}"))
