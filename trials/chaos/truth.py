"""The real states of the jobs at each moment, from the simulation's own record, to compare the app's events with.

Nothing here uses the app's own code for reading a job, so that its faults show.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from trials.chaos.limits import GRAPH_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from local.client.simulation import Call

FOREVER: Final = datetime.max.replace(tzinfo=UTC)

A_MOMENT: Final = timedelta(milliseconds=5)
"""How far the app's times may be off, because they are cut to milliseconds."""

_JOB: Final = re.compile(r"/[^/]+/servicePrincipals[^/]*(?:/[^/]+)?/synchronization/jobs(?:/([^/]+))?", re.IGNORECASE)
_NO_YEAR: Final = "0001-"
_HELD_QUARANTINES: Final = {
    "toomanydeletes": "too_many_deletes",
    "quarantinedondemand": "quarantined_on_demand",
    "quarantineondemand": "quarantined_on_demand",
}


@dataclass(frozen=True, slots=True)
class State:
    """The state of a job for a time."""

    since: datetime
    until: datetime
    job: Mapping[str, Any]

    @property
    def code(self) -> str:
        """The status code."""
        return str(self._status["code"])

    @property
    def runs(self) -> bool:
        """Whether it runs: it is Active, or in its first cycle."""
        return self.code == "Active" or (self.code == "NotRun" and self.job["schedule"]["state"] == "Active")

    @property
    def hold(self) -> str | None:
        """The reason for which only force starts it, or None."""
        hold = _HELD_QUARANTINES.get(str(self._quarantine.get("reason")).lower())
        return hold or ("escrows_pruned" if self.code == "Paused" and self._status["escrowsPruned"] else None)

    @property
    def series_began(self) -> str | None:
        """When the quarantine began, as Graph writes it. This identifies the quarantine."""
        return self._quarantine.get("seriesBegan") or None

    @property
    def was_never_enabled(self) -> bool:
        """Whether it is still as it was created."""
        return (
            self.code == "Paused"
            and self.job["schedule"]["state"] == "Disabled"
            and not self.series_began
            and self._status["lastExecution"] is None
            and not self._status["escrowsPruned"]
        )

    def is_quarantined_since(self, moment: datetime) -> bool:
        """Whether it is in a quarantine that began after that."""
        return self.code == "Quarantine" and any(
            began is not None and began > moment
            for began in (_moment(self._quarantine.get(name)) for name in ("seriesBegan", "currentBegan"))
        )

    def succeeded_since(self, moment: datetime) -> bool:
        """Whether a run that began after that ended without errors."""
        return self._ran_since(moment, "lastSuccessfulExecution", "Succeeded")

    def had_entry_errors_since(self, moment: datetime) -> bool:
        """Whether the last run began after that, and ended with errors in entries."""
        return self._ran_since(moment, "lastExecution", "EntryLevelErrors")

    def _ran_since(self, moment: datetime, run: str, state: str) -> bool:
        execution = self._status[run] or {}
        began = _moment(execution.get("timeBegan"))
        return execution.get("state") == state and began is not None and began >= moment

    @property
    def _status(self) -> Mapping[str, Any]:
        status: Mapping[str, Any] = self.job["status"]
        return status

    @property
    def _quarantine(self) -> Mapping[str, Any]:
        return self._status["quarantine"] or {}


@dataclass(frozen=True, slots=True)
class Read:
    """A read of a job, or of a list with the job in it."""

    since: datetime
    until: datetime
    """When it was answered, or its connection was dropped."""
    was_answered: bool
    """Whether the app got the answer. After its time-out the app no longer waits for one."""
    is_stale: bool
    """Whether it came from a replica that did not know of the last start."""


class Truth:
    """The states of each job, and what reads can have shown."""

    def __init__(self, history: Mapping[str, Sequence[Mapping[str, Any]]], calls: Iterable[Call]) -> None:
        self._states = {job_id: _states(noted) for job_id, noted in history.items()}
        self._reads: dict[str | None, list[Read]] = {}
        self._starts: dict[str, list[datetime]] = {}
        for call in calls:
            path = _JOB.match(call["path"])
            if path is not None and call["method"] == "GET":
                # Calls for a list do not name a job.
                self._reads.setdefault(path[1], []).append(_read(call))
            elif path is not None and call.get("start", {}).get("tookEffect"):
                self._starts.setdefault(path[1], []).append(moment_of(call["start"]["time"]))

    def has(self, job_id: str) -> bool:
        """Whether the job was ever in the tenant."""
        return job_id in self._states

    def jobs(self) -> Iterable[str]:
        """The ids of all jobs."""
        return self._states

    def shown(self, job_id: str, since: datetime, until: datetime) -> list[State]:
        """The states that reads can have shown in that time. A stale read shows the state before the start."""
        since, until = since - A_MOMENT, until + A_MOMENT
        states = self._states.get(job_id, [])
        found = [state for state in states if state.since <= until and state.until >= since]
        if any(read.is_stale for read in self.reads(job_id, since, until)):
            started = [at for at in self._starts.get(job_id, ()) if at <= until]
            found += [state for at in started for state in states if state.since <= at <= state.until]
        return found

    def reads(self, job_id: str, since: datetime, until: datetime) -> list[Read]:
        """The reads of the job in that time, and all reads of lists."""
        reads = [*self._reads.get(job_id, ()), *self._reads.get(None, ())]
        return [read for read in reads if read.since <= until and read.until >= since]


def moment_of(text: str) -> datetime:
    """The time in an event or in the simulation's record."""
    return datetime.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if not text or text.startswith(_NO_YEAR) else moment_of(text)


def _states(noted: Sequence[Mapping[str, Any]]) -> list[State]:
    since = [moment_of(note["since"]) for note in noted]
    return [State(*each) for each in zip(since, [*since[1:], FOREVER], (note["job"] for note in noted), strict=True)]


def _read(call: Call) -> Read:
    since, took = moment_of(call["time"]), timedelta(milliseconds=call["durationMs"] or 0)
    was_answered = call["status"] == HTTPStatus.OK and took.total_seconds() < GRAPH_TIMEOUT
    return Read(since, since + took, was_answered, call.get("staleRead", False))
