"""The work on one start request, in this order: the ledger, the job, the verdict, the start."""

from __future__ import annotations

import logging
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.errors import GraphRefused, GraphUnavailable, PermanentError, StartUnanswered, TransientError
from shared.graph import credential_check
from shared.job_code import JobCode
from shared.ledger.entry import now
from shared.log import line
from shared.outcome import Reason
from shared.starting.claim import Accepted, Claim, Recorded, Unanswered
from shared.starting.ending import Ending, ending_of
from shared.starting.episode import past_starts, same_episode, took_effect
from shared.starting.expand import ending_of_expansion, expand
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
    message_id: str,
    retry: RetryPolicy = IN_ONE_INVOCATION,
) -> Ending:
    """Do what the request asks for, if it is safe, and return how it ended.

    `message_id` is the queue's id, which stays the same when the message is delivered again.

    Raises TransientError if the work may succeed later. It is safe to repeat the work: each try begins with the ledger
    and a read of the job.
    """
    if not _is_allowed(request.job, settings):
        return Ending(reason=Reason.NOT_ALLOWED)
    work = _Work(request, graph, settings, ledger, message_id=message_id, retry=retry)
    try:
        ending = retry.run(work.try_once, request_id=request.request_id)
    except GraphRefused as error:
        ending = Ending(reason=error.reason, operation=error.operation, error=error.summary)
    finally:
        work.release()
    return ending._replace(job=work.job)


class _Work:
    """One invocation's work on a request. It remembers what earlier tries have found out."""

    def __init__(
        self,
        request: StartRequest,
        graph: Graph,
        settings: Settings,
        ledger: Ledger,
        *,
        message_id: str,
        retry: RetryPolicy,
    ) -> None:
        self._request = request
        self._graph = graph
        self._settings = settings
        self._ledger = ledger
        self._message_id = message_id
        self._claim = Claim(ledger, request, settings, message_id=message_id)
        self._retry = retry
        self._was_forbidden = False
        self._credentials: CredentialCheck | None = None
        self.job = request.job
        """The reference to the job, with the object id as soon as it is known."""

    def try_once(self) -> Ending:
        """Work on the request. It may be called again after a fault.

        The first 403 is retried, because Graph is eventually consistent.
        """
        try:
            return self._resolve()
        except GraphRefused as error:
            is_forbidden = error.status == HTTPStatus.FORBIDDEN and error.reason is Reason.PERMISSION_MISSING
            if not is_forbidden or self._was_forbidden:
                raise
            self._was_forbidden = True
            raise GraphUnavailable(str(error)) from error

    def _resolve(self) -> Ending:
        """Work on the one job, or on all jobs of the application."""
        if self.job.service_principal_id is None and self.job.app_id is not None:
            self.job = self.job._replace(service_principal_id=self._graph.object_id(self.job.app_id))
        if self.job.job_id is None:
            return self._expand(self.job)
        return self._start(self.job)

    def _expand(self, principal: JobReference) -> Ending:
        """Turn the request into one per job, and note that in the ledger before the requests are queued.

        An expansion that an earlier delivery of the message noted is used again, because its requests may be queued.
        """
        request, message_id = self._request, self._message_id
        expansion = self._ledger.expansion(request.request_id, message_id)
        if expansion is None:
            expansion = expand(request, self._graph.list_jobs(principal))
            self._ledger.note_expansion(request.request_id, message_id, expansion)
        return ending_of_expansion(request, expansion)

    def _start(self, job: JobReference) -> Ending:
        # 1. What does the ledger know about this request?
        known = self._claim.look(job)
        match known:
            case Accepted(start):
                return ending_of(self._claim.record(start))
            case Recorded(start) if start.message_id == self._message_id:
                return ending_of(start)

        # 2. What does Graph show? A start whose answer was lost may have had its effect. If another message of the
        # request has a recorded start, that is the result while the job runs or is in the same episode. After that, the
        # request is a new task.
        try:
            before = self._graph.read(job)
        except GraphRefused:
            if isinstance(known, Recorded):
                return ending_of(known.start)
            raise
        moment = now()
        match known:
            case Recorded(start) if before.is_running or same_episode(start, before, moment):
                return ending_of(start)
            case Unanswered(start) if took_effect(start, before, moment):
                mine = start._replace(message_id=self._message_id)
                return ending_of(self._claim.record(_accepted(mine, before)))
            case Unanswered(start) if moment - start.at < self._settings.second_start_after:
                raise StartUnanswered(
                    f"the start at {start.at:%H:%M:%S} got no answer; its effect may show yet",
                    until=start.at + self._settings.second_start_after,
                )
        self._claim.raise_if_busy()

        # 3. Should the job be started?
        past = past_starts(self._claim.entry_before, before, moment)
        verdict = self._judge(before, past, moment)
        if verdict.reason is not None:
            return self._left_alone(before, verdict.reason, verdict.starts)

        # 4. Claim the job, start it, read it back, record the start.
        start = self._claim.take(job, before, past, self._credentials, moment)
        try:
            self._graph.start(job)
        except GraphUnavailable as error:
            self._claim.may_have_started = self._claim.may_have_started or error.may_have_worked
            raise
        return ending_of(self._claim.accept(_accepted(start, self._read_back(job, start))))

    def release(self) -> None:
        """Release the claim, whatever happened."""
        self._claim.release()

    def _judge(self, before: SynchronizationJob, past: tuple[Start, ...], moment: datetime) -> Verdict:
        """The verdict. If it depends on the saved credentials, and the setting allows it, they are checked, once."""
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

    def _read_back(self, job: JobReference, start: Start) -> SynchronizationJob | None:
        """The job after the start, as soon as it shows the effect, or else as last read; None if no read succeeds.

        The start counts in any case.
        """
        began = time.monotonic()
        seen = self._read_after(job)
        for pause in self._retry.read_back_pauses:
            is_late = time.monotonic() - began > sum(self._retry.read_back_pauses)
            if is_late or (seen is not None and took_effect(start, seen, now())):
                break
            self._retry.sleep(pause)
            seen = self._read_after(job) or seen
        return seen

    def _read_after(self, job: JobReference) -> SynchronizationJob | None:
        try:
            return self._graph.read(job)
        except (TransientError, PermanentError) as error:
            _log.warning(line("read_back_failed", requestId=self._request.request_id, error=error))
            return None


def _accepted(start: Start, after: SynchronizationJob | None) -> Start:
    """The accepted start, with the reason that follows from the job before and after it."""
    reason = Reason.START_ACCEPTED
    if after is not None and after.code is JobCode.ACTIVE:
        reason = Reason.QUARANTINE_CLEARED if start.before.code is JobCode.QUARANTINE else Reason.RESUMED
    elif after is not None and after.is_running:
        reason = Reason.FIRST_CYCLE_RUNNING
    return start._replace(reason=reason, code_after=after.code if after is not None else None)


def _is_allowed(job: JobReference, settings: Settings) -> bool:
    allowed = settings.allowed_service_principals
    return allowed is None or (job.service_principal_id or job.app_id) in allowed
