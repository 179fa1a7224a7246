"""Which requests were made, and which of them have no terminal event yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local.status_events import Event


class Asked:
    """The requests of the demo, each with the number of its scene."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._ended: set[str] = set()

    def add(self, number: int, request_ids: Iterable[str]) -> None:
        """Requests that a scene led to."""
        self._numbers.update(dict.fromkeys(request_ids, number))

    def end(self, event: Event) -> int | None:
        """Note a status event. Returns the number of its scene, where it belongs to one."""
        data = event["data"]
        number = self._numbers.get(data["requestId"], self._numbers.get(data.get("parentRequestId")))
        if number is not None:
            self._ended.add(data["requestId"])
            # One request may become several: each of them ends in an event of its own, in any order.
            self.add(number, (queued["requestId"] for queued in data.get("queued", ())))
        return number

    @property
    def count(self) -> int:
        """How many requests there are."""
        return len(self._numbers)

    @property
    def open(self) -> bool:
        """Whether one has no terminal event yet."""
        return not self._ended.issuperset(self._numbers)

    @property
    def open_numbers(self) -> list[int]:
        """The scenes of those that have none."""
        return sorted({number for request_id, number in self._numbers.items() if request_id not in self._ended})
