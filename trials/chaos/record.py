"""The facts of a run that the checks judge."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from trials.chaos.asked import AllAsked
from trials.chaos.truth import Truth, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from local.client.simulation import Call
    from local.client.status_events import Event
    from trials.chaos.send import Sent

_START: Final = re.compile(r"/[^/]+/servicePrincipals/([^/]+)/synchronization/jobs/([^/]+)/start", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCall:
    """A start that Graph has carried out."""

    principal: str
    job_id: str
    took_effect: bool
    code_before: str
    ran_before: bool
    series_began: str | None
    time: str
    """When the call arrived."""
    done_at: datetime
    """When it was carried out."""
    client_request_id: str

    @property
    def job(self) -> str:
        """The job's path, as in the subject of a status event."""
        return f"servicePrincipals/{self.principal}/synchronization/jobs/{self.job_id}"

    @property
    def when(self) -> str:
        """The time in words, with the id to look for in the log."""
        return f"at {self.time[11:23]} (client-request-id {self.client_request_id})"

    @property
    def episode(self) -> str:
        """The job's episode in words: a quarantine with its beginning, or a pause."""
        return f"in the quarantine since {self.series_began}" if self.series_began else f"while {self.code_before}"


@dataclass(frozen=True, kw_only=True)
class Record:
    """All facts of a run."""

    sent: tuple[Sent, ...]
    events: tuple[Event, ...]
    calls: tuple[Call, ...]
    """The calls to Graph."""
    left: Mapping[str, int]
    """How many messages are in each queue, visible or not."""
    revivals: int = 0
    """How often a host ended by itself, and was started again."""
    history: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    """The states of each job by its id, as recorded by the simulation."""
    allowed: frozenset[str] | None = None
    """The applications whose jobs the app may start, or None for all."""
    application_ids: Mapping[str, str] = field(default_factory=dict)
    """Object ids of the tenant's applications, by application id."""
    job_ids: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The ids of each application's jobs, by the application's object id."""
    is_calm: bool = False
    """Whether the run had no faults: no host, no storage, and no call failed."""

    @cached_property
    def truth(self) -> Truth:
        """The real states of the jobs."""
        return Truth(self.history, self.calls)

    @cached_property
    def asked(self) -> AllAsked:
        """The requests that were sent."""
        return AllAsked(self.sent, self.events)

    @property
    def principals(self) -> frozenset[str]:
        """The ids of all applications in the tenant, of both kinds."""
        return frozenset(self.application_ids) | frozenset(self.job_ids)

    def jobs_of(self, principal: str) -> frozenset[str]:
        """The jobs of the application with that id, of either kind."""
        return self.job_ids.get(self.application_ids.get(principal, principal), frozenset())

    def starts(self) -> Iterator[StartCall]:
        """The starts among the calls, in order."""
        for call in self.calls:
            if "start" in call:
                yield _start(call)


def _start(call: Mapping[str, Any]) -> StartCall:
    path = _START.fullmatch(call["path"])
    if path is None:  # not a call to /start
        raise ValueError(call["path"])
    start = call["start"]
    return StartCall(
        principal=path[1].lower(),
        job_id=path[2],
        took_effect=start["tookEffect"],
        code_before=start["codeBefore"],
        ran_before=start["ranBefore"],
        series_began=start["seriesBeganBefore"],
        time=call["time"],
        done_at=moment_of(start["time"]),
        client_request_id=call["headers"].get("client-request-id", ""),
    )
