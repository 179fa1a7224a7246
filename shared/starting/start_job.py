"""The path of one start request, in one direction: the ledger, the job, the verdict, the start."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from shared.errors import GraphRefused, GraphUnavailable, PermanentError, TransientError
from shared.graph import credential_check
from shared.job_code import JobCode
from shared.ledger.entry import now
from shared.log import line
from shared.outcome import Reason
from shared.starting.claim import EFFECT_SHOWS, Accepted, Claim, Recorded, Unanswered
from shared.starting.ending import Ending, ending_of
from shared.starting.episode import past_starts, took_effect
from shared.starting.expand import expand
from shared.starting.retry import IN_ONE_INVOCATION
from shared.starting.verdict import judge

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.client import Graph
    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Ledger, Start
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest
    from shared.settings import Settings
    from shared.starting.retry import RetryPolicy
    from shared.starting.verdict import Verdict

_log = logging.getLogger(__name__)


def start_job(
    request: StartRequest,
    graph: Graph,
    settings: Settings,
    ledger: Ledger,
    *,
    retry: RetryPolicy = IN_ONE_INVOCATION,
) -> Ending:
    """Do what the request asks for, as far as it is safe, and say how it ended.

    Raises TransientError where the same work may succeed later. Work that is done twice starts nothing twice: each
    try begins with the ledger and a read of the job.
    """
    if not _is_allowed(request.job, settings):
        return Ending(reason=Reason.NOT_ALLOWED)
    work = _Work(request, graph, settings, ledger)
    try:
        ending = retry.run(work.try_once, request_id=request.request_id, least_pause=work.least_pause)
    except GraphRefused as error:
        ending = Ending(reason=error.reason, operation=error.operation, error=error.summary)
    finally:
        work.release()
    return replace(ending, job=work.job)


class _Work:
    """One invocation's work on a request. What a try has found out, the next one knows."""

    def __init__(self, request: StartRequest, graph: Graph, settings: Settings, ledger: Ledger) -> None:
        self._request = request
        self._graph = graph
        self._settings = settings
        self._claim = Claim(ledger, request, settings)
        self._credentials: CredentialCheck | None = None
        self.job = request.job
        """The reference, with the object id as soon as it is known."""

    def try_once(self) -> Ending:
        """Resolve, and work on the one job, or on all of the application's. May be called again after a fault."""
        if self.job.service_principal_id is None and self.job.app_id is not None:
            self.job = replace(self.job, service_principal_id=self._graph.object_id(self.job.app_id))
        if self.job.job_id is None:
            return expand(self._request, self._graph.list_jobs(self.job))
        return self._start(self.job)

    def _start(self, job: JobReference) -> Ending:
        # 1. What does the ledger know of this request?
        known = self._claim.look(job)
        match known:
            case Recorded(start):
                return ending_of(start)
            case Accepted(start):
                return ending_of(self._claim.record(start))

        # 2. What does Graph show? A start whose answer was lost may have had its effect.
        before = self._graph.read(job)
        moment = now()
        if isinstance(known, Unanswered) and took_effect(known.start, before):
            return ending_of(self._claim.record(_accepted(known.start, before.code)))
        self._claim.raise_if_busy()

        # 3. Should the job be started?
        past = past_starts(self._claim.entry_before, before, moment)
        verdict = self._judge(before, past, moment)
        if verdict.reason is not None:
            return self._left_alone(before, verdict.reason, verdict.starts)

        # 4. Claim it, start it, read it back, record the start.
        start = self._claim.take(job, before, past, self._credentials, moment)
        try:
            self._graph.start(job)
        except GraphUnavailable as error:
            self._claim.may_have_started = self._claim.may_have_started or error.may_have_worked
            raise
        return ending_of(self._claim.accept(_accepted(start, self._read_back(job))))

    def least_pause(self) -> float:
        """Seconds that the next try has to wait at least: as long as a start whose answer was lost needs to show."""
        return EFFECT_SHOWS.total_seconds() if self._claim.may_have_started else 0.0

    def release(self) -> None:
        """Leave the job to others, whatever happened."""
        self._claim.release()

    def _judge(self, before: SynchronizationJob, past: tuple[Start, ...], moment: datetime) -> Verdict:
        """The verdict; the saved credentials are tried where it depends on them, once, and only by setting."""
        verdict = judge(before, self._request, self._settings, past=past, now=moment, credentials=self._credentials)
        if (
            verdict.depends_on_credentials
            and self._credentials is None
            and self._settings.credential_check
            and not self._request.force
            and credential_check.applies(before)
        ):
            self._credentials = credential_check.check(self._graph, self.job)
            verdict = judge(before, self._request, self._settings, past=past, now=moment, credentials=self._credentials)
        return verdict

    def _left_alone(self, before: SynchronizationJob, reason: Reason, starts: tuple[Start, ...]) -> Ending:
        check = self._credentials
        return Ending(
            reason=reason,
            before=before,
            starts=starts,
            credential_check=check,
            error=check.detail if check is not None and reason is Reason.CREDENTIALS_INVALID else None,
        )

    def _read_back(self, job: JobReference) -> JobCode | str | None:
        """The status code after the start; None where it can't be read, which undoes nothing."""
        try:
            return self._graph.read(job).code
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
