"""What came of a run: the facts that it is judged by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from local.client.simulation import Call
    from local.client.status_events import Event
    from trials.chaos.send import Sent

_START: Final = re.compile(r"/[^/]+/servicePrincipals/([^/]+)/synchronization/jobs/([^/]+)/start", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCall:
    """A start that got through to Graph's work."""

    job: str
    """As the subject of a status event names it."""
    took_effect: bool
    code_before: str
    series_began: str | None
    time: str
    client_request_id: str

    @property
    def episode(self) -> str:
        """What the job was in, in words: a quarantine by its begin, or a pause."""
        return f"in the quarantine since {self.series_began}" if self.series_began else f"while {self.code_before}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Everything together."""

    sent: tuple[Sent, ...]
    events: tuple[Event, ...]
    calls: tuple[Call, ...]
    """The calls of Graph."""
    left: Mapping[str, int]
    """How many messages are in which queue, visible or not."""
    revivals: int = 0
    """How often a host ended by itself, and was started again."""

    def starts(self) -> Iterator[StartCall]:
        """The starts among the calls, in order."""
        for call in self.calls:
            if "start" in call:
                yield _start(call)


def _start(call: Mapping[str, Any]) -> StartCall:
    path = _START.fullmatch(call["path"])
    if path is None:  # only /start starts
        raise ValueError(call["path"])
    start = call["start"]
    return StartCall(
        job=f"servicePrincipals/{path[1].lower()}/synchronization/jobs/{path[2]}",
        took_effect=start["tookEffect"],
        code_before=start["codeBefore"],
        series_began=start["seriesBeganBefore"],
        time=call["time"],
        client_request_id=call["headers"].get("client-request-id", ""),
    )
