"""A run of the watch: look at the jobs, ask for those in a new quarantine, remember what was seen.

What goes on the queue goes there before it is remembered: a run that ends in between asks once more under the same id,
and nothing comes of that but what came before.
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
"""Seconds after which a run asks Graph no more; functionTimeout is five minutes, and the last calls may take two."""

ALL, ALLOWED = frozenset({"all"}), frozenset({"allowed"})
"""The words of the setting WATCH."""

_log = logging.getLogger(__name__)


class Ledger(Rows, Protocol):
    """The ledger's table. Every method raises LedgerUnavailable."""

    def get(self, job: JobReference) -> Entry | None:
        """The job's entry."""
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
    """Run once, and return events of what Graph refuses. `put` raises QueueUnavailable. Raises LedgerUnavailable."""
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
    """The ids that WATCH lists, or those of ALLOWED_SERVICE_PRINCIPALS."""
    return (settings.allowed_service_principals or frozenset()) if settings.watch == ALLOWED else settings.watch


def _worth_telling(looker: Looker) -> list[Refused]:
    """What a person has to hear of. Of all in the tenant the app may see a part, if others answer it."""
    refused, settings = looker.found.refused, looker.settings
    if refused:
        first = refused[0]
        _log.warning(line("watch_refused", count=len(refused), first=first.application, error=first.error))
    is_partly = settings.watch == ALL and looker.found.answered
    return [each for each in refused if each.application is None] if is_partly else refused


def _log_run(looker: Looker, *, is_complete: bool, seconds: float) -> None:
    """The one line of a run, and one for each quarantine that lasts. What was not seen in this run counts as before."""
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
