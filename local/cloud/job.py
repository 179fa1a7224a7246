"""One synchronization job: Graph's JSON of it, and what a start makes of it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from local.cloud.behaviour import AfterStart, Behaviour, Refusal
from local.cloud.graph_form import NO_DATE, execution, graph_time

_RUNNING: Final = "Active"
_QUARANTINE: Final = "Quarantine"


@dataclass(frozen=True, slots=True)
class Start:
    """What a start came to, and what the job was before it."""

    took_effect: bool
    code_before: str
    series_began_before: str | None

    def to_json(self) -> dict[str, Any]:
        """As /_sim/calls shows it."""
        return {
            "tookEffect": self.took_effect,
            "codeBefore": self.code_before,
            "seriesBeganBefore": self.series_began_before,
        }


class Job:
    """A job, and the changes that are still to come to it."""

    def __init__(self, value: dict[str, Any], behaviour: Behaviour) -> None:
        self.value = value
        """The synchronizationJob as Graph shows it."""
        self._behaviour = behaviour
        self._is_starting = False
        self._to_come: asyncio.TimerHandle | None = None

    @property
    def refusal(self) -> Refusal | None:
        """What validateCredentials answers; None: the credentials work."""
        return self._behaviour.refusal

    def start(self) -> Start:
        """Start it: from a pause or a quarantine, or the first time; a job that runs goes on as it was.

        Source of the effect: Microsoft Graph reference, "synchronizationJob: start".
        """
        quarantine = self._status.get("quarantine") or {}
        took_effect = self._status["code"] != _RUNNING and not self._is_starting
        start = Start(took_effect, self._status["code"], quarantine.get("seriesBegan") or None)
        if took_effect:
            self._is_starting = True
            if self._behaviour.shown_after_seconds:
                self._later(self._behaviour.shown_after_seconds, self._run)
            else:
                self._run()
        return start

    def forget(self) -> None:
        """Let nothing more happen to it."""
        if self._to_come is not None:
            self._to_come.cancel()

    @property
    def _status(self) -> dict[str, Any]:
        status: dict[str, Any] = self.value["status"]
        return status

    def _later(self, seconds: float, change: Any, *arguments: Any) -> None:
        self._to_come = asyncio.get_running_loop().call_later(seconds, change, *arguments)

    def _run(self) -> None:
        self._is_starting = False
        quarantine = self._status.get("quarantine") or {}
        self._status.update({"code": _RUNNING, "quarantine": None})
        self.value.setdefault("schedule", {})["state"] = "Active"
        match self._behaviour.after_start:
            case AfterStart.SUCCEED:
                self._later(self._behaviour.after_seconds, self._succeed)
            case AfterStart.RELAPSE:
                self._later(self._behaviour.after_seconds, self._relapse, quarantine)
            case AfterStart.NOTHING:
                return

    def _succeed(self) -> None:
        ran = execution("Succeeded", datetime.now(UTC))
        ended = ran["timeEnded"]
        first = self._status.get("steadyStateFirstAchievedTime") or NO_DATE
        self._status.update(
            {
                "countSuccessiveCompleteFailures": 0,
                "lastExecution": ran,
                "lastSuccessfulExecution": dict(ran),
                "steadyStateFirstAchievedTime": ended if first == NO_DATE else first,
                "steadyStateLastAchievedTime": ended,
            }
        )

    def _relapse(self, before: dict[str, Any]) -> None:
        """Into quarantine for the reason of the last one: a new series."""
        moment = datetime.now(UTC)
        now = graph_time(moment)
        error = before.get("error")
        self._status.update(
            {
                "code": _QUARANTINE,
                "countSuccessiveCompleteFailures": self._status.get("countSuccessiveCompleteFailures", 0) + 1,
                "lastExecution": execution("Failed", moment, error=error),
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
