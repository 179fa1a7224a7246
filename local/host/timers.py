"""Timer triggers: one run at a time, and the next is planned when the last has ended."""

import asyncio
import json
import logging
from datetime import UTC, datetime
from typing import Final

from local.host.errors import InvocationFailed
from local.host.functions import Function, TimerTrigger
from local.host.invoker import Invoker
from local.host.past_runs import PastRuns
from local.host.protos import TypedData
from local.host.trace_context import TraceContext
from local.host.waiting import is_set_within

_logger: Final = logging.getLogger(__name__)


class Timer:
    """Runs one function on its schedule. A run that was missed while the host was down follows at its start."""

    def __init__(self, function: Function, trigger: TimerTrigger, invoker: Invoker, past_runs: PastRuns) -> None:
        self._function = function
        self._trigger = trigger
        self._invoker = invoker
        self._past_runs = past_runs
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Follow the schedule until stopped. Returns after the run in progress."""
        last = datetime.now(UTC)
        if self._past_runs.missed(self._function.name, last):
            await self._invoke(last, "timer, for a run that was missed", is_past_due=True)
        elif self._trigger.run_on_startup:
            await self._invoke(last, "timer, at the start of the host")
        while not self._stopping.is_set():
            now = datetime.now(UTC)
            # If the timer wakes a little early, the same time must not be due again.
            due = self._trigger.schedule.next_after(max(now, last))
            self._past_runs.note(self._function.name, due)
            if await is_set_within(self._stopping, (due - now).total_seconds()):
                return
            await self._invoke(last, "timer")
            last = due

    def stop(self) -> None:
        """Start no more runs."""
        self._stopping.set()

    async def _invoke(self, last: datetime, reason: str, *, is_past_due: bool = False) -> None:
        try:
            await self._invoker.invoke(
                self._function,
                value=TypedData(json=self._timer_info(last, is_past_due=is_past_due)),
                trigger_metadata={},
                trace=TraceContext.new(),
                reason=reason,
            )
        except InvocationFailed:
            # The invoker has logged it. A timer does not retry; it has a next run.
            return
        except Exception:
            _logger.exception("timer of %s: the host failed on it", self._function.name)

    def _timer_info(self, last: datetime, *, is_past_due: bool) -> str:
        now = datetime.now(UTC)
        return json.dumps(
            {
                "Schedule": {"AdjustForDST": True},
                "ScheduleStatus": {
                    "Last": last.isoformat(),
                    "LastUpdated": last.isoformat(),
                    "Next": self._trigger.schedule.next_after(now).isoformat(),
                },
                "IsPastDue": is_past_due,
            }
        )
