"""What people were notified of: a client of the stand-ins' /_sim (`local.targets` lists its routes)."""

from __future__ import annotations

from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import requests

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 60.0


class Seen(NamedTuple):
    """A text that people see, and where."""

    target: str
    place: str
    text: str
    private: bool
    problem: str | None


class ToldClient:
    """Opens tickets, and reads what the app wrote to chats and tickets."""

    def __init__(self, control: str) -> None:
        self._root = f"{control}/_sim"
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def put_ticket(self, target: str, ticket: str, **given: Any) -> None:
        """Open a ticket. `given` is the body for /_sim/tickets."""
        self._send("PUT", f"tickets/{target}/{ticket}", given)

    def fault(
        self, target: str, *, method: str | None = None, times: int | None = 1, path_ends_with: str = "", **fault: Any
    ) -> None:
        """Make the next `times` calls to a target fail in this way; None means every call."""
        match = {"service": target, "method": method, "pathEndsWith": path_ends_with}
        self._send("POST", "faults", {"match": match, "times": times, **fault})

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._send("DELETE", "faults")

    def calls(self, target: str) -> list[dict[str, Any]]:
        """The calls to a target, oldest first."""
        calls: list[dict[str, Any]] = self._send("GET", f"calls/{target}").json()
        return calls

    def seen(self, target: str | None = None) -> list[Seen]:
        """What people see now, grouped by target, oldest first."""
        found = [Seen(**each) for each in self._send("GET", "arrived").json()]
        return [each for each in found if target in (None, each.target)]

    def wait(self, enough: Callable[[list[Seen]], bool], *, timeout: float = _SECONDS) -> list[Seen]:
        """Wait until `enough` holds, and return what people see. Raises TimeoutError."""
        deadline = monotonic() + timeout
        while not enough(seen := self.seen()):
            if monotonic() > deadline:
                raise TimeoutError(f"the targets have {len(seen)} texts, not the expected ones: {seen}")
            sleep(0.1)
        return seen

    def _send(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = self._session.request(method, f"{self._root}/{path}", json=body, timeout=_SECONDS)
        if not answer.ok:
            raise requests.HTTPError(f"{method} /_sim/{path}: {answer.status_code} {answer.text.strip()}")
        return answer
