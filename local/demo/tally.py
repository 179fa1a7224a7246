"""The results of each scene, in numbers that add up."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from local.client.status_events import Event

_FATES: Final = frozenset({"recovered", "relapsed", "unconfirmed"})
_WITH_REASON: Final = frozenset({"held", "failed", "rejected"})
"""Outcomes whose reason is shown too."""


class Tally:
    """The requests and the events of each scene, by the scene's number."""

    def __init__(self) -> None:
        self._requests: Counter[int] = Counter()
        self._events: dict[int, list[tuple[str, str]]] = {}
        self._seen: set[str] = set()

    def asked(self, number: int, requests: int) -> None:
        """Count more requests of a scene."""
        self._requests[number] += requests

    def event(self, number: int, event: Event) -> None:
        """Count an event of a scene. An event that is delivered twice counts once."""
        if event["id"] not in self._seen:
            self._seen.add(event["id"])
            data = event["data"]
            self._events.setdefault(number, []).append((data["outcome"], data["reason"]))

    def requests(self, number: int) -> int:
        """How many requests a scene led to."""
        return self._requests[number]

    def became(self, number: int) -> str:
        """How a scene ended, in order of events: 2 started, 2 relapsed, held (relapsing)."""
        said = Counter(
            f"{outcome} ({reason})" if outcome in _WITH_REASON else outcome
            for outcome, reason in self._events.get(number, ())
        )
        return ", ".join(f"{count} {text}" if count > 1 else text for text, count in said.items())

    @property
    def all_requests(self) -> int:
        """How many requests there were."""
        return self._requests.total()

    def count(self, outcome: str) -> int:
        """How many events have that outcome."""
        return sum(1 for events in self._events.values() for each, _ in events if each == outcome)

    @property
    def fates(self) -> dict[str, int]:
        """How many events say whether a start helped, by outcome."""
        counts = Counter(outcome for events in self._events.values() for outcome, _ in events if outcome in _FATES)
        return dict(sorted(counts.items()))

    @property
    def endings(self) -> int:
        """How many events are terminal."""
        return sum(
            1 for events in self._events.values() for outcome, _ in events if outcome not in {*_FATES, "delayed"}
        )
