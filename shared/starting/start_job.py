"""The path of one start request: ask the ledger, read the job, decide, take the job, start it, read it back."""

from __future__ import annotations

import logging
import random
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.errors import (
    GraphRefused,
    GraphUnavailable,
    JobBusy,
    LedgerUnavailable,
    PermanentError,
    TransientError,
)
from shared.graph import credential_check
from shared.graph.credential_check import CheckResult
from shared.job_code import JobCode
from shared.ledger.entry import now
from shared.log import line
from shared.outcome import Reason
from shared.starting.decision import decide
from shared.starting.ending import Ending, ending_of
from shared.starting.guard import objection, past_starts, took_effect
from shared.starting.hold import EFFECT_SHOWS, Hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.graph.client import Graph
    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Ledger, Start
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest
    from shared.settings import Settings

PAUSES = (0.5, 1.0, 2.0)
"""Seconds to wait before trying again where Graph names no time; up to a half more is added at random."""

LONGEST_PAUSE = 5.0
"""Seconds that a thread waits at most; where Graph asks for more, the queue delivers the message again later."""

PATIENCE = 60.0
"""Seconds after which an invocation tries nothing again; the host ends it after functionTimeout."""

_log = logging.getLogger(__name__)


def start_job(
    request: StartRequest,
    graph: Graph,
    settings: Settings,
    ledger: Ledger,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> Ending:
    """Do what the request asks for, as far as it is right, and say how it ended.

    Raises TransientError where the same work may succeed later. Work that is done twice starts nothing twice: each
    try begins with the ledger and a read of the job.
    """
    if not _is_allowed(request.job, settings):
        return Ending(reason=Reason.NOT_ALLOWED)
    attempt = _Attempt(request, graph, settings, ledger)
    try:
        return replace(_patiently(attempt, request.request_id, sleep), job=attempt.job)
    except GraphRefused as error:
        return Ending(reason=error.reason, job=attempt.job, operation=error.operation, error=error.summary)
    finally:
        attempt.give_back()


def _patiently(attempt: _Attempt, request_id: str, sleep: Callable[[float], None]) -> Ending:
    """Try, and try again after short waits as long as the fault is one that may pass."""
    began = time.monotonic()
    for pause in PAUSES:
        try:
            return attempt.run()
        except (GraphUnavailable, LedgerUnavailable, JobBusy) as error:
            # A spread, so that requests which were turned away together don't come back together.
            wait = pause * random.uniform(1, 1.5)  # noqa: S311 - no secret depends on it
            if isinstance(error, GraphUnavailable) and error.retry_after is not None:
                wait = error.retry_after
            if attempt.may_have_started:
                wait = max(wait, EFFECT_SHOWS.total_seconds())
            if wait > LONGEST_PAUSE or time.monotonic() - began > PATIENCE:
                raise
            _log.warning(line("trying_again", requestId=request_id, waits=f"{wait:.1f}s", error=error))
            sleep(wait)
    return attempt.run()


class _Attempt:
    """One invocation's work on a request; `run` may be called again after a TransientError."""

    def __init__(self, request: StartRequest, graph: Graph, settings: Settings, ledger: Ledger) -> None:
        self._request = request
        self._graph = graph
        self._settings = settings
        self._hold = Hold(ledger, request, settings)
        self._credential_check: CredentialCheck | None = None
        self.job = request.job
        """The reference, with the object id as soon as it is known."""

    def run(self) -> Ending:
        """Resolve, ask the ledger, read, decide, take the job, start it, read back, record."""
        if self.job.service_principal_id is None and self.job.app_id is not None:
            self.job = replace(self.job, service_principal_id=self._graph.object_id(self.job.app_id))
        if self.job.job_id is None:
            return self._expand(self.job)
        hold = self._hold
        hold.read(self.job)
        if hold.recorded is not None:
            return ending_of(hold.recorded)
        if hold.accepted is not None:
            return ending_of(hold.settle(hold.accepted))
        if hold.under_way is None:
            hold.raise_if_busy()

        before = self._graph.read(self.job)
        start = hold.under_way
        if start is not None and (hold.may_have_started or not hold.is_own) and took_effect(start, before):
            # Its answer was lost, or its worker died.
            return ending_of(hold.settle(_accepted(start, before.code)))
        hold.raise_if_busy()
        ending = self._left_alone(before)
        if ending is not None:
            return ending
        start = hold.take(self.job, before, self._credential_check)
        try:
            self._graph.start(self.job)
        except GraphUnavailable as error:
            hold.may_have_started = hold.may_have_started or error.may_have_worked
            raise
        hold.accepted = _accepted(start, self._read_back())
        return ending_of(hold.settle(hold.accepted))

    @property
    def may_have_started(self) -> bool:
        """Whether a start was sent whose effect is not known."""
        return self._hold.may_have_started

    def give_back(self) -> None:
        """Leave the job to others, whatever happened."""
        self._hold.give_back()

    def _left_alone(self, before: SynchronizationJob) -> Ending | None:
        """The ending of a request that starts nothing; None: start the job."""
        moment = now()
        earlier = objection(past_starts(self._hold.replaced, before, moment), before, self._settings, moment)
        reason = decide(before, self._request, self._settings, earlier.reason if earlier is not None else None)
        if reason in (None, Reason.DRY_RUN) and self._credentials_fail(before):
            reason = Reason.CREDENTIALS_INVALID
        if reason is None:
            return None
        check = self._credential_check
        return Ending(
            reason=reason,
            before=before,
            starts=earlier.starts if earlier is not None and earlier.reason is reason else (),
            credential_check=check,
            error=check.detail if check is not None and reason is Reason.CREDENTIALS_INVALID else None,
        )

    def _credentials_fail(self, before: SynchronizationJob) -> bool:
        """Whether the job's saved credentials are known not to work; they are tried once, and only by setting."""
        if not self._settings.credential_check or self._request.force or not credential_check.applies(before):
            return False
        if self._credential_check is None:
            self._credential_check = credential_check.check(self._graph, self.job)
        return self._credential_check.result is CheckResult.INVALID

    def _expand(self, principal: JobReference) -> Ending:
        """One request for each job that may be started, so that each fails or succeeds alone."""
        jobs = self._graph.list_jobs(principal)
        wanted = [job.job_id for job in jobs if job.code in self._request.start_when]
        if not wanted:
            return Ending(reason=Reason.NOTHING_TO_START, codes=tuple(str(job.code) for job in jobs))
        return Ending(reason=Reason.JOBS_QUEUED, queued=tuple(map(self._request.for_job, wanted)))

    def _read_back(self) -> JobCode | str | None:
        """The status code after the start; None where it can't be read, which undoes nothing."""
        try:
            return self._graph.read(self.job).code
        except (TransientError, PermanentError) as error:
            _log.warning(line("read_back_failed", requestId=self._request.request_id, error=error))
            return None


def _accepted(start: Start, code_after: JobCode | str | None) -> Start:
    """The start after Graph took it, by what the job read before and reads now."""
    reason = Reason.START_ACCEPTED
    if code_after is JobCode.ACTIVE:
        reason = Reason.QUARANTINE_CLEARED if start.before.code is JobCode.QUARANTINE else Reason.RESUMED
    return replace(start, reason=reason, code_after=code_after)


def _is_allowed(job: JobReference, settings: Settings) -> bool:
    allowed = settings.allowed_service_principals
    return allowed is None or (job.service_principal_id or job.app_id) in allowed
