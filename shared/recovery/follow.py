"""A run of the recovery timer: reads each started job, and reports the fates that are known.

Several threads read jobs, and each fate is reported at once. So if a run is killed, its work so far is kept, and the
next run continues.
"""

from __future__ import annotations

import logging
import random
import time
from contextvars import copy_context
from datetime import timedelta
from threading import Lock, Thread
from typing import TYPE_CHECKING

from shared.errors import GraphUnavailable, JobBusy, ServiceAway, TransientError
from shared.graph.http_session import READERS
from shared.ledger.entry import State, now
from shared.log import line
from shared.recovery.look import SeenFate, fates_by_ledger, look, look_without_answer
from shared.waiting.services import GRAPH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.graph.client import Graph, GraphCall
    from shared.ledger.entry import Entry, Ledger
    from shared.recovery.report import Reporter

PACE = 0.01
"""Seconds between two reads, to leave most of Graph's limit to starts.

In the smallest tenants, an app has 350 units per second, and a read costs one. Source: Microsoft Learn, "Microsoft
Graph service-specific throttling limits" (identity and access).
"""

LONGEST_RUN = 120.0
"""Seconds after which a run reads no further job."""

LAST_REPORT = 150.0
"""Seconds after which a run reports no further fate. Even slow last calls then end before functionTimeout."""

LONGEST_WAIT = 30.0
"""The most seconds that a run waits if Graph asks for a pause. After longer outages, the next run continues."""

UNTOUCHED = timedelta(days=90)
"""How long an entry is kept after its last change."""

MOST_REMOVED = 100
"""The most entries that a run removes."""

_log = logging.getLogger(__name__)


def follow_starts(
    ledger: Ledger,
    new_graph: Callable[[], Graph],
    reporter: Reporter,
    *,
    join: Callable[[], None] = lambda: None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Read the started jobs, and report the fates that are known.

    `join` is called in each thread of the run. A run ends early if Graph, the ledger or a queue is down, or after
    LONGEST_RUN. The order of the jobs is random, so that such runs do not always leave out the same ones.

    Raises LedgerUnavailable if the entries cannot be read. Any other error than a service's is raised after the other
    jobs.
    """
    run = _Run(ledger, new_graph, reporter, sleep)
    removed = ledger.remove_untouched(now() - UNTOUCHED, MOST_REMOVED)
    entries = list(ledger.followed())
    random.shuffle(entries)
    run.look_at(entries, join)
    _log.info(line("starts_followed", jobs=len(entries), fates=run.told, removed=removed))
    if run.bug is not None:
        raise run.bug


class _Run:
    """One run; used by its threads."""

    def __init__(
        self, ledger: Ledger, new_graph: Callable[[], Graph], reporter: Reporter, sleep: Callable[[float], None]
    ) -> None:
        self._ledger = ledger
        self._new_graph = new_graph
        self._reporter = reporter
        self._sleep = sleep
        self._began = time.monotonic()
        self._lock = Lock()
        self._left: list[Entry] = []
        self._next_read = self._began
        self._stopped: TransientError | None = None
        self.told = 0
        self.bug: Exception | None = None

    def look_at(self, entries: Iterable[Entry], join: Callable[[], None]) -> None:
        """Follow these jobs, as far as the time allows."""
        self._left = list(entries)
        # The context tells the Functions worker to which invocation the log lines of a thread belong.
        threads = [
            Thread(target=copy_context().run, args=(self._work, join), name="follow_starts", daemon=True)
            for _ in range(min(READERS, len(self._left)))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if self._stopped is not None:
            _log.warning(line("follow_starts_stopped", jobsLeft=len(self._left), error=self._stopped))
        elif self._left:
            _log.warning(line("follow_starts_out_of_time", jobsLeft=len(self._left)))

    def _work(self, join: Callable[[], None]) -> None:
        join()
        while (entry := self._next()) is not None:
            try:
                self._follow(entry)
            except JobBusy:
                continue  # The entry has changed meanwhile. The next run reads it again.
            except TransientError as error:
                self._stopped = error
            except Exception as error:  # noqa: BLE001 - does not stop the other jobs, and is raised at the end
                self.bug = error

    def _next(self) -> Entry | None:
        with self._lock:
            if not self._left or self._stopped is not None or self._passed > LONGEST_RUN:
                return None
            return self._left.pop()

    @property
    def _passed(self) -> float:
        return time.monotonic() - self._began

    def _follow(self, entry: Entry) -> None:
        """Read a job, and report the fates that are known. Raises TransientError if the run is to stop.

        A fate is noted in the entry before it is reported, unless the entry has changed since it was read. So a start
        has only one fate, even if that is reported twice. A read after another start never decides the fate of the
        earlier one.
        """
        fates = list(fates_by_ledger(entry))
        calls: tuple[GraphCall, ...] = ()
        stop: TransientError | None = None
        if entry.latest.state is State.STARTED:
            if entry.latest.due is None:
                noted, calls, stop = self._look(entry)
                entry = entry if noted == entry else self._ledger.put(noted)
            if entry.latest.due is not None:
                fates.append(SeenFate(entry.latest, entry.latest.due, calls))
        if fates and self._passed < LAST_REPORT:
            self._reporter.report(entry, fates)
            with self._lock:
                self.told += len(fates)
        if stop is not None:
            raise stop

    def _look(self, entry: Entry) -> tuple[Entry, tuple[GraphCall, ...], TransientError | None]:
        """The entry with what was seen, the calls for it, and the error that stops the run, if any."""
        while self._passed <= LONGEST_RUN:
            graph = self._new_graph()
            self._wait_for_turn()
            try:
                return look(entry, graph), tuple(graph.calls), None
            except ServiceAway as error:
                wait = error.until - time.time()
                if error.service != GRAPH or wait > LONGEST_WAIT or self._passed + wait > LONGEST_RUN:
                    return entry, (), error
                self._sleep(max(wait, PACE))
            except GraphUnavailable as error:
                if error.throttled or error.retry_after:
                    continue  # The gate closes, so the next call raises ServiceAway with the time to wait.
                # If it is more than a fault of this one job, the gate closes.
                _log.warning(line("job_not_read", requestId=entry.latest.request_id, job=entry.job, error=error))
                return look_without_answer(entry, str(error)), tuple(graph.calls), None
            except TransientError as error:
                return look_without_answer(entry, str(error)), tuple(graph.calls), error
        return entry, (), None

    def _wait_for_turn(self) -> None:
        with self._lock:
            turn = self._next_read = max(time.monotonic(), self._next_read + PACE)
        if (wait := turn - time.monotonic()) > 0:
            self._sleep(wait)
