"""Which requests were made, and which still wait for an event: the terminal one, or the one that says whether a start
helped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.client.status_events import Event

_FATES: Final = frozenset({"recovered", "relapsed", "unconfirmed"})


class Asked:
    """The requests of the demo, each with the number of its scene."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ended: set[str] = set()

    def add(self, number: int, request_ids: Iterable[str]) -> None:
        """Add requests that a scene led to."""
        self._numbers.update(dict.fromkeys(request_ids, number))

    def end(self, event: Event) -> int | None:
        """Record a status event. Returns the number of its scene, or None."""
        data = event["data"]
        number = self._numbers.get(data["requestId"], self._numbers.get(data.get("parentRequestId")))
        if number is not None and data.get("outcome") != "delayed":
            self._ended.add(data["requestId"])
            # One request may become several. Each ends in an event of its own, in any order.
            self.add(number, (queued["requestId"] for queued in data.get("queued", ())))
        return number

    def knows(self, event: Event) -> bool:
        """Whether the event belongs to one of these requests, or to a request derived from one."""
        data = event["data"]
        return data["requestId"] in self._numbers or data.get("parentRequestId") in self._numbers

    @property
    def count(self) -> int:
        """How many requests there are."""
        return len(self._numbers)

    def count_of(self, number: int) -> int:
        """How many requests a scene led to."""
        return sum(1 for each in self._numbers.values() if each == number)

    @property
    def open(self) -> bool:
        """Whether a request has no terminal event yet."""
        return not self._ended.issuperset(self._numbers)

    @property
    def open_numbers(self) -> list[int]:
        """The scenes of the requests without a terminal event."""
        return self.numbers(self._numbers.keys() - self._ended)

    def numbers(self, request_ids: Iterable[str]) -> list[int]:
        """The scenes of those requests that are known."""
        return sorted({self._numbers[request_id] for request_id in request_ids if request_id in self._numbers})


class Fates:
    """The starts, and whether they helped."""

    def __init__(self) -> None:
        self._started: set[str] = set()
        self._known: set[str] = set()

    def note(self, event: Event) -> None:
        """Record a status event. The two events of one start may come in any order."""
        data = event["data"]
        if data["outcome"] == "started":
            self._started.add(data["requestId"])
        elif data["outcome"] in _FATES:
            self._known.add(data["requestId"])

    @property
    def unknown(self) -> set[str]:
        """The requests whose starts have no event yet that says whether they helped."""
        return self._started - self._known
