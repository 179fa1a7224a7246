"""The record of calls and their results, which tests and people check the app by."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Final

from aiohttp import web

from local.cloud.job import Start
from local.cloud.job_form import call_time

_MOST: Final = 200_000
BATCH_HEADER: Final = "x-sim-batch"
"""The header that marks a call as part of a batch. Its value is the part's id."""

_SECRET: Final = frozenset({"authorization", "x-identity-header"})


@dataclass(slots=True)
class Call:
    """One call, recorded as soon as it arrives."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    time: datetime
    began: float
    status: int | None = None
    ended: float | None = None
    start: Start | None = None
    is_in_batch: bool = False
    is_stale: bool = False
    """Whether it showed a job as it was before its last start."""

    def end(self, status: int | None) -> None:
        """Record the answer's status, or None if there was no answer."""
        self.status = status
        self.ended = monotonic()

    def to_json(self) -> dict[str, Any]:
        """The call as /_sim/calls shows it."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "status": self.status,
            "time": call_time(self.time),
            "durationMs": None if self.ended is None else round((self.ended - self.began) * 1000),
            **({"inBatch": True} if self.is_in_batch else {}),
            **({"staleRead": True} if self.is_stale else {}),
            **({} if self.start is None else {"start": self.start.to_json()}),
        }


class Calls:
    """The latest calls of one server, oldest first."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=_MOST)

    def add(self, request: web.Request) -> Call:
        """Record a call that has just arrived."""
        headers = {name: value for name, value in request.headers.items() if name.lower() not in _SECRET}
        call = Call(request.method, request.path, request.query_string, headers, datetime.now(UTC), monotonic())
        call.is_in_batch = BATCH_HEADER in request.headers
        self._calls.append(call)
        return call

    def clear(self) -> None:
        """Forget all of them."""
        self._calls.clear()

    def to_json(self) -> list[dict[str, Any]]:
        """All calls, as /_sim/calls shows them."""
        return [call.to_json() for call in self._calls]
