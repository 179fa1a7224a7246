"""Reads the jobs of applications, requests those in a new quarantine, and remembers what it saw."""

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
    """A refusal of Graph to list the jobs of an application, or, with None, the applications."""

    application: JobReference | None
    error: GraphRefused


@dataclass(slots=True)
class Found:
    """The results of a run."""

    asked: int = 0
    """How many starts were requested."""
    answered: int = 0
    """How many applications had their jobs listed."""
    refused: list[Refused] = field(default_factory=list)
    unanswered: set[str] = field(default_factory=set)
    """The object ids of applications whose jobs were not listed in time."""
    not_allowed: int = 0
    """How many applications are in WATCH, but not in ALLOWED_SERVICE_PRINCIPALS."""


@dataclass(slots=True)
class Looker:
    """Reads the jobs in one run. `put` sends a request to the queue, and raises QueueUnavailable."""

    settings: Settings
    graph: BatchingGraph
    known: Known
    memory: Memory
    put: Callable[[StartRequest], None]
    left: Time
    now: datetime
    found: Found = field(default_factory=Found)

    def reference(self, application: Application) -> JobReference | None:
        """The reference to the application by the id that is allowed; None if neither id is."""
        allowed = self.settings.allowed_service_principals
        if allowed is None or application.object_id in allowed:
            return JobReference(application.object_id)
        return JobReference(None, application.app_id) if application.app_id in allowed else None

    def look(
        self, applications: Iterable[Application]
    ) -> tuple[list[Application], list[tuple[Application, GraphRefused]]]:
        """Read the jobs of these applications. Returns those without an answer in time, and those Graph refuses."""
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
        """Request the application's jobs in a new quarantine, then remember the application.

        One without jobs is remembered only if WATCH has its application id, to keep the object id.
        """
        self.found.answered += 1
        # This run may have read it before, by its other id or on another page. So the memory, not the argument, counts.
        before = self.memory.jobs_of(application)
        states = {job.job_id: self._dealt_with(application, job, before.get(job.job_id)) for job in jobs}
        noted = replace(application, jobs=states)
        if states or noted.app_id in self.settings.watch:
            self.memory.keep(noted)
        else:
            self.memory.drop(noted)

    def _dealt_with(self, application: Application, job: SynchronizationJob, before: JobSeen | None) -> JobSeen:
        """Request the job if it is in a new quarantine. Returns the job as it is to be remembered."""
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
