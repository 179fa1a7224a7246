"""A run of the watch: it reads the jobs, requests those in a new quarantine, and remembers what it saw.

A request is sent before it is remembered. If the run ends in between, the next run sends it again with the same id, so
that the job is not started twice.
"""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from shared.errors import GraphRefused, TransientError
from shared.job_code import JobCode
from shared.log import line
from shared.time_text import format_time
from shared.watching.look import Looker, Refused
from shared.watching.memory import Memory, Rows
from shared.watching.questions import Time
from shared.watching.refusals import tell
from shared.watching.which import look_at_all, look_at_listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.event.status_event import StatusEvent
    from shared.graph.batch import BatchingGraph
    from shared.ledger.entry import Entry
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest
    from shared.settings import Settings
    from shared.watching.memory import Dealt

LONGEST_RUN = 100.0
"""Seconds after which a run makes no further call to Graph. The last calls may take two minutes, and functionTimeout is
five."""

ALL, ALLOWED = frozenset({"all"}), frozenset({"allowed"})
"""The values of WATCH that are not lists of ids."""

_log = logging.getLogger(__name__)


class Ledger(Rows, Protocol):
    """The ledger's table. Every method raises LedgerUnavailable."""

    def get(self, job: JobReference) -> Entry | None:
        """The job's entry; None if it has none."""
        ...


class _Known:
    """shared.watching.episodes.Known."""

    def __init__(self, ledger: Ledger, memory: Memory) -> None:
        self._ledger = ledger
        self._memory = memory

    def get(self, job: JobReference) -> Entry | None:
        return self._ledger.get(job)

    def dealt(self, job: JobReference) -> Dealt | None:
        return self._memory.dealt(job)


def watch(
    settings: Settings,
    graph: BatchingGraph,
    ledger: Ledger,
    put: Callable[[StartRequest], None],
    *,
    left: Time | None = None,
) -> list[StatusEvent]:
    """Run once, and return the events about refusals of Graph. Raises LedgerUnavailable.

    `put` sends a request to the queue, and raises QueueUnavailable. `left` is LONGEST_RUN by default.
    """
    left = left or Time.of(LONGEST_RUN)
    began = left.clock()
    now = datetime.fromtimestamp(began, UTC)
    memory = Memory(ledger)
    memory.read()
    looker = Looker(settings, graph, _Known(ledger, memory), memory, put, left, now)
    is_complete = True
    try:
        if settings.watch == ALL:
            look_at_all(looker)
        else:
            look_at_listed(_listed(settings), looker)
    except GraphRefused as error:
        looker.found.refused.append(Refused(None, error))
    except TransientError as error:
        is_complete = False
        _log.warning(line("watch_stopped", error=error))
    is_complete = is_complete and not looker.found.unanswered
    events, refusals = tell(
        _worth_telling(looker),
        memory.progress.refusals,
        settings=settings,
        now=now,
        calls=tuple(graph.calls),
        is_complete=is_complete,
    )
    memory.keep_progress(replace(memory.progress, refusals=refusals))
    is_round_done = settings.watch != ALL or memory.progress.done
    _log_run(looker, is_complete=is_complete and is_round_done, seconds=left.clock() - began)
    return events


def _listed(settings: Settings) -> frozenset[str]:
    """The ids in WATCH, or those in ALLOWED_SERVICE_PRINCIPALS if WATCH is "allowed"."""
    return (settings.allowed_service_principals or frozenset()) if settings.watch == ALLOWED else settings.watch


def _worth_telling(looker: Looker) -> list[Refused]:
    """The refusals that need an event.

    If the app watches the whole tenant, refusals of single applications need none as long as others answer.
    """
    refused, settings = looker.found.refused, looker.settings
    if refused:
        first = refused[0]
        _log.warning(line("watch_refused", count=len(refused), first=first.application, error=first.error))
    is_partly = settings.watch == ALL and looker.found.answered
    return [each for each in refused if each.application is None] if is_partly else refused


def _log_run(looker: Looker, *, is_complete: bool, seconds: float) -> None:
    """Log a summary of the run, and a line per quarantine. Jobs that the run did not read count as remembered."""
    settings, found = looker.settings, looker.found
    listed = _listed(settings)
    watched = [
        each
        for each in looker.memory.applications.values()
        if looker.reference(each) is not None
        and (settings.watch == ALL or each.object_id in listed or each.app_id in listed)
    ]
    run = format_time(looker.now)
    codes: Counter[str] = Counter()
    for application in watched:
        for job_id, job in application.jobs.items():
            codes[job.code] += 1
            if job.code == JobCode.QUARANTINE:
                _log.info(
                    line(
                        "quarantine_watched",
                        run=run,
                        servicePrincipalId=application.object_id,
                        jobId=job_id,
                        reason=job.reason,
                        began=job.episode,
                    )
                )
    quarantine, active, paused = codes[JobCode.QUARANTINE], codes[JobCode.ACTIVE], codes[JobCode.PAUSED]
    _log.info(
        line(
            "jobs_watched",
            run=run,
            applications=found.answered,
            withJobs=sum(bool(each.jobs) for each in watched),
            jobs=codes.total(),
            inQuarantine=quarantine,
            active=active,
            paused=paused,
            other=codes.total() - quarantine - active - paused,
            asked=found.asked,
            unanswered=len(found.unanswered),
            refused=len(found.refused),
            notAllowed=found.not_allowed,
            complete=str(is_complete).lower(),
            durationMs=round(seconds * 1000),
        )
    )
