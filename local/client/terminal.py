"""What the commands show to a person at a terminal, or write to a file or pipe."""

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
"""Below this width, nothing is put side by side."""

_IDS: Final = r"\(Job [^)]*\)|servicePrincipals/\S+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WIDEST: Final = 110
_INDENT: Final = 10


def new_console() -> Console:
    """A console on stdout, at most as wide as is good to read."""
    console = Console(highlight=False)
    console.width = min(console.width, _WIDEST)
    return console


def show_event(console: Console, event: Event, whose: Text, *, with_advice: bool = True) -> None:
    """One line with time, owner and outcome/reason. Below it message, without the app's mark, and advice.

    On a narrow console the owner has a line of its own.
    """
    data = event["data"]
    time = datetime.fromisoformat(event["time"]).astimezone()
    outcome = Text(f"{data['outcome']}/{data['reason']}", style=f"bold {STYLES.get(data['outcome'], 'white')}")
    console.print()
    if console.width < NARROW:
        indent = 2
        console.print(whose)
        console.print(f"{time:%H:%M:%S}", outcome)
    else:
        indent = _INDENT
        head = Table.grid(padding=(0, 2))
        head.add_column(width=_INDENT - 2)
        head.add_column(min_width=20)
        head.add_row(Text(f"{time:%H:%M:%S}", style="dim"), whose, outcome)
        console.print(head)
    console.print(Padding(_message(unmarked(data["message"]), whose.plain), (0, 0, 0, indent), expand=False))
    if with_advice and (advice := data.get("advice")):
        console.print(Padding(Text(f"To do: {advice}", style="italic"), (0, 0, 0, indent), expand=False))


def _message(text: str, whose: str) -> Text:
    """The message without the name that is shown above it, and with its ids dimmed."""
    name, _, rest = text.partition(": ")
    said = Text(rest[:1].upper() + rest[1:] if rest and whose.startswith(name) else text)
    said.highlight_regex(_IDS, "dim")
    return said
