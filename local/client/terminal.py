"""What the commands show to a person at a terminal, or to a reader of their output."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from shared.mark import unmarked

if TYPE_CHECKING:
    from local.client.status_events import Event

STYLES: Final = {
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
"""The colour of each outcome."""

NARROW: Final = 72
"""Below this width nothing fits side by side."""

_WIDEST: Final = 110
_INDENT: Final = 10


def new_console() -> Console:
    """A console on stdout, no wider than is good to read."""
    console = Console(highlight=False)
    console.width = min(console.width, _WIDEST)
    return console


def show_event(console: Console, event: Event, whose: str) -> None:
    """Time, outcome/reason and whose it is in one line; message, without the app's mark, and advice below it.

    On a narrow console whose it is has a line of its own.
    """
    data = event["data"]
    time = datetime.fromisoformat(event["time"]).astimezone()
    outcome = Text(f"{data['outcome']}/{data['reason']}", style=f"bold {STYLES.get(data['outcome'], 'white')}")
    console.print()
    if console.width < NARROW:
        indent = 2
        console.print(f"{time:%H:%M:%S}", outcome)
        console.print(Padding(Text(whose, style="bold"), (0, 0, 0, indent), expand=False))
    else:
        indent = _INDENT
        head = Table.grid(padding=(0, 2))
        head.add_column(width=_INDENT - 2)
        head.add_column(min_width=28)
        head.add_row(f"{time:%H:%M:%S}", outcome, Text(whose, style="bold"))
        console.print(head)
    console.print(Padding(Text(unmarked(data["message"])), (0, 0, 0, indent), expand=False))
    if advice := data.get("advice"):
        console.print(Padding(Text(f"To do: {advice}", style="italic"), (0, 0, 0, indent), expand=False))
