"""How the demo shows what happens: to a person (`local.demo.page`), or to a program (one status event per line)."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.client.status_events import Event
    from local.client.told import Seen
    from local.demo.scene import Scene
    from local.demo.tally import Tally


class Display(Protocol):
    """Shows what happens, in order."""

    def starting(self) -> None:
        """The system is about to start."""

    def asked(self, scenes: Sequence[Scene]) -> None:
        """The scenes are about to be sent."""

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:
        """A status event arrived. Number and scene are None if it belongs to no scene."""

    def told(self, seen: Sequence[Seen]) -> None:
        """What people read of one of the requests."""

    def ended(self, scenes: Sequence[Scene], tally: Tally, calls: Sequence[dict[str, Any]]) -> None:
        """Every request has its terminal event."""

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """In time, requests of these scenes got no terminal event, or none that says whether the start helped."""


class Lines:
    """One status event per line on stdout, and nothing else."""

    def starting(self) -> None:
        """Nothing to tell a program."""

    def asked(self, scenes: Sequence[Scene]) -> None:
        """Nothing to tell a program."""

    def event(self, event: Event, number: int | None, scene: Scene | None) -> None:  # noqa: ARG002 - see Display
        """Print the event as it is."""
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()

    def told(self, seen: Sequence[Seen]) -> None:
        """Nothing to tell a program."""

    def ended(self, scenes: Sequence[Scene], tally: Tally, calls: Sequence[dict[str, Any]]) -> None:
        """Nothing to tell a program."""

    def unanswered(self, numbers: Sequence[int], log: str) -> None:
        """Write to stderr."""
        sys.stderr.write(f"an event is missing for the requests of scenes {numbers}; the host's log ends:\n{log}\n")
