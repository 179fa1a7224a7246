"""A look at the jobs of applications: what is new is asked for, and what was seen is remembered."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import GraphRefused, GraphUnavailable
from shared.job_code import JobCode
from shared.log import line
from shared.request.reference import JobReference
from shared.watching.episodes import request_for, seen, was_dealt_with
from shared.watching.questions import ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from shared.graph.batch import BatchingGraph
    from shared.graph.job import SynchronizationJob
    from shared.request.start_request import StartRequest
    from shared.settings import Settings
    from shared.watching.episodes import Known
    from shared.watching.memory import Application, JobSeen, Memory
    from shared.watching.questions import Time

_log = logging.getLogger(__name__)


class Refused(NamedTuple):
    """What Graph refused: to say what the jobs of an application are, or, without one, which applications there are."""

    application: JobReference | None
    error: GraphRefused


@dataclass(slots=True)
class Found:
    """What a run has found."""

    asked: int = 0
    answered: int = 0
    """How many applications said what their jobs are."""
    refused: list[Refused] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)
    """The object ids of those that did not say it in time."""
    not_allowed: int = 0
    """How many applications WATCH names that ALLOWED_SERVICE_PRINCIPALS does not."""


@dataclass(slots=True)
class Looker:
    """Looks, for one run. `put` puts a request on the queue, and raises QueueUnavailable."""

    settings: Settings
    graph: BatchingGraph
    known: Known
    memory: Memory
    put: Callable[[StartRequest], None]
    left: Time
    now: datetime
    found: Found = field(default_factory=Found)

    def reference(self, application: Application) -> JobReference | None:
        """By which id the application may be asked for; None: it may not."""
        allowed = self.settings.allowed_service_principals
        if allowed is None or application.object_id in allowed:
            return JobReference(application.object_id)
        return JobReference(None, application.app_id) if application.app_id in allowed else None

    def look(
        self, applications: Iterable[Application]
    ) -> tuple[list[Application], list[tuple[Application, GraphRefused]]]:
        """Look at the jobs of each; returns those that gave no answer in time, and those that Graph refuses."""
        by_path = {application.path: application for application in applications}
        answers = ask(partial(self.graph.get_all, "list"), by_path, self.left)
        unanswered: list[Application] = []
        refused: list[tuple[Application, GraphRefused]] = []
        for path, application in by_path.items():
            answer = answers.get(path)
            if isinstance(answer, GraphRefused):
                refused.append((application, answer))
                continue
            try:
                jobs = self.graph.jobs_in(answer) if answer is not None else None
            except GraphUnavailable:
                jobs = None
            if jobs is None:
                unanswered.append(application)
            else:
                self._note(application, jobs)
        self.found.unanswered.difference_update(each.object_id for each in by_path.values())
        self.found.unanswered.update(each.object_id for each in unanswered)
        return unanswered, refused

    def _note(self, application: Application, jobs: Iterable[SynchronizationJob]) -> None:
        """Ask for what is new of it, then remember it; without jobs only where its object id was found out."""
        self.found.answered += 1
        # As it is remembered by now: this run may have looked at it already, by its other id or on another page.
        before = self.memory.jobs_of(application)
        states = {job.job_id: self._dealt_with(application, job, before.get(job.job_id)) for job in jobs}
        noted = replace(application, jobs=states)
        if states or noted.app_id in self.settings.watch:
            self.memory.keep(noted)
        else:
            self.memory.drop(noted)

    def _dealt_with(self, application: Application, job: SynchronizationJob, before: JobSeen | None) -> JobSeen:
        """The job as it is remembered, once it was asked for where that is due."""
        state = seen(job, before, self.now)
        reference = self.reference(application)
        if job.code is not JobCode.QUARANTINE or state.dealt or state.episode is None or reference is None:
            return state
        by_object_id = JobReference(application.object_id, None, job.job_id)
        if not was_dealt_with(self.known, by_object_id, job, state.episode, self.now):
            asked_for = reference._replace(job_id=job.job_id)
            request = request_for(asked_for, application.object_id, job, state.episode, self.now)
            self.put(request)
            self.found.asked += 1
            _log.info(line("quarantine_found", requestId=request.request_id, job=by_object_id, began=state.episode))
        return state._replace(dealt=True)
