"""The path of one start request: read the job, decide, start it, read it back."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.decision import decide
from shared.ending import Ending
from shared.errors import GraphRefused, GraphUnavailable, PermanentError, TransientError
from shared.job import JobCode
from shared.log import line
from shared.outcome import Reason

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.graph import Graph
    from shared.job import SynchronizationJob
    from shared.reference import JobReference
    from shared.settings import Settings
    from shared.start_request import StartRequest

PAUSES = (0.5, 1.0, 2.0)
"""Seconds to wait before trying again where Graph names no time; up to a half more is added at random."""

LONGEST_PAUSE = 5.0
"""Seconds that a thread waits at most; where Graph asks for more, the queue delivers the message again later."""

PATIENCE = 60.0
"""Seconds after which an invocation tries nothing again; the host ends it after functionTimeout."""

_log = logging.getLogger(__name__)


def start_job(
    request: StartRequest, graph: Graph, settings: Settings, *, sleep: Callable[[float], None] = time.sleep
) -> Ending:
    """Do what the request asks for, as far as it is right, and say how it ended.

    Raises TransientError where the same work may succeed later. Work that is done twice starts nothing twice:
    each try begins with a read of the job.
    """
    if not _is_allowed(request.job, settings):
        return Ending(reason=Reason.NOT_ALLOWED)
    attempt = _Attempt(request, graph, settings)
    began = time.monotonic()
    try:
        for pause in PAUSES:
            try:
                return replace(attempt.run(), job=attempt.job)
            except GraphUnavailable as error:
                # A spread, so that requests which were turned away together don't come back together.
                spread = pause * random.uniform(1, 1.5)  # noqa: S311 - no secret depends on it
                wait = error.retry_after if error.retry_after is not None else spread
                if wait > LONGEST_PAUSE or time.monotonic() - began > PATIENCE:
                    raise
                _log.warning(line("graph_unavailable", requestId=request.request_id, waits=f"{wait:.1f}s", error=error))
                sleep(wait)
        return replace(attempt.run(), job=attempt.job)
    except GraphRefused as error:
        detail = " ".join(filter(None, (str(error.status), error.code, error.detail)))
        return Ending(reason=error.reason, job=attempt.job, operation=error.operation, error=detail)


class _Attempt:
    """One try at a request; `run` may be called again after a GraphUnavailable."""

    def __init__(self, request: StartRequest, graph: Graph, settings: Settings) -> None:
        self._request = request
        self._graph = graph
        self._settings = settings
        self.job = request.job
        """The reference, with the object id as soon as it is known."""
        self._unsure: SynchronizationJob | None = None
        """The job as it was when a start was sent whose answer got lost."""

    def run(self) -> Ending:
        """Resolve, read, decide, start, read back."""
        if self.job.service_principal_id is None and self.job.app_id is not None:
            self.job = replace(self.job, service_principal_id=self._graph.object_id(self.job.app_id))
        job = self.job
        if job.job_id is None:
            return self._expand(job)
        before = self._graph.read(job)
        if self._unsure is not None and before.code is JobCode.ACTIVE:
            return _started(self._unsure, before.code)
        reason = decide(before, self._request, self._settings)
        if reason is not None:
            return Ending(reason=reason, before=before)
        try:
            self._graph.start(job)
        except GraphUnavailable as error:
            if error.may_have_worked:
                self._unsure = before
            raise
        return _started(before, self._read_back(job))

    def _expand(self, principal: JobReference) -> Ending:
        """One request for each job that may be started, so that each fails or succeeds alone."""
        jobs = self._graph.list_jobs(principal)
        wanted = [job.job_id for job in jobs if job.code in self._request.start_when]
        if not wanted:
            return Ending(reason=Reason.NOTHING_TO_START, codes=tuple(str(job.code) for job in jobs))
        return Ending(reason=Reason.JOBS_QUEUED, queued=tuple(map(self._request.for_job, wanted)))

    def _read_back(self, job: JobReference) -> JobCode | str | None:
        """The status code after the start; None where it can't be read, which undoes nothing."""
        try:
            return self._graph.read(job).code
        except (TransientError, PermanentError) as error:
            _log.warning(line("read_back_failed", requestId=self._request.request_id, error=error))
            return None


def _started(before: SynchronizationJob, code_after: JobCode | str | None) -> Ending:
    reason = Reason.START_ACCEPTED
    if code_after is JobCode.ACTIVE:
        reason = Reason.QUARANTINE_CLEARED if before.code is JobCode.QUARANTINE else Reason.RESUMED
    return Ending(reason=reason, before=before, code_after=code_after)


def _is_allowed(job: JobReference, settings: Settings) -> bool:
    allowed = settings.allowed_service_principals
    return allowed is None or (job.service_principal_id or job.app_id) in allowed
