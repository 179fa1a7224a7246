"""One synchronization job: what Graph shows of it, and how a start changes it."""

import asyncio
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from local.cloud.behaviour import AfterStart, Behaviour, Refusal
from local.cloud.job_form import (
    NO_DATE,
    call_time,
    execution,
    graph_time,
    had_a_cycle,
    no_execution,
    progress,
    runs,
    series_began,
)

_ENTRIES = 42
"""How many users a first cycle, or one with errors, has to provision."""
_ENTRIES_WITH_ERRORS = 3


@dataclass(frozen=True, slots=True)
class Start:
    """The result of a start, and the job's state before it."""

    took_effect: bool
    code_before: str
    series_began_before: str | None
    ran_before: bool
    at: datetime

    def to_json(self) -> dict[str, Any]:
        """The start as /_sim/calls shows it."""
        return {
            "time": call_time(self.at),
            "tookEffect": self.took_effect,
            "codeBefore": self.code_before,
            "seriesBeganBefore": self.series_began_before,
            "ranBefore": self.ran_before,
        }


class NotConfigured(Exception):
    """Raised when a job without credentials is started."""


class Job:
    """A job, and the changes that are still to happen to it."""

    def __init__(self, value: dict[str, Any], behaviour: Behaviour) -> None:
        self.value = value
        """The synchronizationJob as it is now. Reads may show an older one."""
        self._behaviour = behaviour
        self._is_starting = False
        self._to_come: asyncio.TimerHandle | None = None
        self._before_start: dict[str, Any] | None = None
        self._reads_since_start = 0
        self.history: list[dict[str, Any]] = []
        """Every state of the job and since when, even if no read showed it. The last one is the current state."""
        self._note()

    @property
    def refusal(self) -> Refusal | None:
        """The answer to validateCredentials, or None if the credentials work."""
        return self._behaviour.refusal

    def read(self) -> Mapping[str, Any]:
        """The job as the next read shows it. A stale replica still shows it as it was before the start."""
        self._reads_since_start += 1
        if self._before_start is not None and self._reads_since_start in self._behaviour.stale_reads:
            return self._before_start
        return self.value

    def start(self, shown_after_seconds: float) -> Start:
        """Start it: from a pause or a quarantine, or for the first time. A job that runs is left as it is.

        Reads show the effect after `shown_after_seconds`, unless the job's own setting differs. Raises NotConfigured.
        Source of the effect: Microsoft Graph reference, "synchronizationJob: start".
        """
        if self._status["code"] == "NotConfigured":
            raise NotConfigured
        ran = runs(self.value)
        took_effect = not ran and not self._is_starting
        start = Start(took_effect, self._status["code"], series_began(self.value), ran, datetime.now(UTC))
        if took_effect:
            self._is_starting = True
            self._before_start, self._reads_since_start = deepcopy(self.value), 0
            own = self._behaviour.shown_after_seconds
            if after := shown_after_seconds if own is None else own:
                self._later(after, self._run)
            else:
                self._run()
        return start

    def forget(self) -> None:
        """Cancel the changes that are still to happen."""
        if self._to_come is not None:
            self._to_come.cancel()

    @property
    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.value["status"]
        return status

    def _note(self) -> None:
        """Add the current state to the history."""
        self.history.append({"since": call_time(datetime.now(UTC)), "job": deepcopy(self.value)})

    def _later[*T](self, seconds: float, change: Callable[[*T], None], *arguments: *T) -> None:
        self._to_come = asyncio.get_running_loop().call_later(seconds, change, *arguments)

    def _run(self) -> None:
        self._is_starting = False
        quarantine = self._status["quarantine"] or {}
        self._status.update({"code": "Active", "quarantine": None})
        if not had_a_cycle(self.value):
            self._begin_first_cycle()
        self.value["schedule"]["state"] = "Active"
        self._note()
        after = self._behaviour.after_seconds
        match self._behaviour.after_start:
            case AfterStart.SUCCEED:
                self._later(after, self._end_cycle, 0)
            case AfterStart.ENTRY_ERRORS:
                self._later(after, self._end_cycle, _ENTRIES_WITH_ERRORS)
            case AfterStart.RELAPSE:
                self._later(after, self._relapse, quarantine)
            case AfterStart.NOTHING:
                return

    def _begin_first_cycle(self) -> None:
        """Until its first cycle ends, a job reads NotRun. Only its schedule shows that it runs."""
        self._status["code"] = "NotRun"
        self._status["progress"] = [progress(datetime.now(UTC), done=0, of=_ENTRIES, units="user")]
        if self._status["lastExecution"] is None:
            self._status["lastExecution"] = no_execution()

    def _end_cycle(self, errors: int) -> None:
        """End a cycle, with errors in that many entries. A cycle with errors is not a success."""
        is_first = not had_a_cycle(self.value)
        exported = _ENTRIES - errors if is_first or errors else 0
        ran = execution(
            "EntryLevelErrors" if errors else "Succeeded",
            datetime.now(UTC),
            counts={"countExported": exported, "countEscrowed": errors, "countEscrowedRaw": errors},
        )
        ended = ran["timeEnded"]
        self._status.update(
            {
                "code": "Active",
                "countSuccessiveCompleteFailures": 0,
                "lastExecution": ran,
                "progress": [],
                "steadyStateLastAchievedTime": ended,
            }
        )
        if is_first:
            self._status["steadyStateFirstAchievedTime"] = ended
            self._status["synchronizedEntryCountByType"] = [{"key": "user to User", "value": exported}]
        if not errors:
            self._status["lastSuccessfulExecution"] = dict(ran)
            if exported:
                self._status["lastSuccessfulExecutionWithExports"] = dict(ran)
        self._note()

    def _relapse(self, before: dict[str, Any]) -> None:
        """Put the job into quarantine again, for the same reason but as a new series."""
        moment = datetime.now(UTC)
        now = graph_time(moment)
        error = before.get("error")
        self._status.update(
            {
                "code": "Quarantine",
                "countSuccessiveCompleteFailures": self._status["countSuccessiveCompleteFailures"] + 1,
                "lastExecution": execution("Failed", moment, error=error),
                "progress": [],
                "quarantine": {
                    "reason": before.get("reason") or "EncounteredQuarantineException",
                    "seriesBegan": now,
                    "currentBegan": now,
                    "nextAttempt": NO_DATE,
                    "seriesCount": 1,
                    **({} if error is None else {"error": error}),
                },
            }
        )
        self._note()
