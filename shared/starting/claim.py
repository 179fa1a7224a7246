"""One invocation's claim on a job: it looks up the request, claims the job, records the start and releases the job.

Every write is conditional on the version of the entry that was read.
"""

from __future__ import annotations

import logging
import uuid
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import JobBusy, TransientError
from shared.ledger.entry import Lease, State, claimed, new_start, now
from shared.log import line

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Entry, Ledger, Start
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest
    from shared.settings import Settings

_log = logging.getLogger(__name__)


class Recorded(NamedTuple):
    """This request has started the job, and the ledger has the result."""

    start: Start


class Accepted(NamedTuple):
    """This invocation has started the job, but could not record it yet."""

    start: Start


class Unanswered(NamedTuple):
    """This request may have started the job: it was about to, and no answer is known."""

    start: Start


class Free(NamedTuple):
    """This request has not started the job."""


type Known = Recorded | Accepted | Unanswered | Free
"""What the ledger, or this invocation, knows about the request."""


class Claim:
    """A job's entry in the ledger, as this invocation reads and changes it."""

    def __init__(self, ledger: Ledger, request: StartRequest, settings: Settings, *, message_id: str) -> None:
        self._ledger = ledger
        self._request = request
        self._message_id = message_id
        self._settings = settings
        self._owner = str(uuid.uuid4())
        self._entry: Entry | None = None
        self.entry_before: Entry | None = None
        """The entry without this invocation's own changes."""
        self._accepted: Start | None = None
        self.may_have_started = False
        """Whether this invocation sent a start that may have had an effect, although its call failed."""

    def look(self, job: JobReference) -> Known:
        """What is known about the request. Raises JobBusy while another invocation works on the job."""
        entry = self._entry = self._ledger.get(job)
        if not self._is_own:
            self.entry_before = entry
        if self._accepted is not None:
            return Accepted(self._accepted)
        unanswered = self._unanswered
        if unanswered is not None and (self.may_have_started or not self._is_own):
            return Unanswered(unanswered)
        if entry is not None and (recorded := entry.started_by(self._request.request_id)) is not None:
            return Recorded(recorded)
        self.raise_if_busy()
        return Free()

    def raise_if_busy(self) -> None:
        """Raise JobBusy while another invocation works on the job."""
        entry = self._entry
        if entry is not None and entry.lease is not None and not self._is_own and now() < entry.lease.until:
            other = entry.latest.request_id != self._request.request_id
            who = f"request {entry.latest.request_id}" if other else "an earlier try of this request"
            until = entry.lease.until
            raise JobBusy(f"{who} has the job until {until:%H:%M:%S} at most", until=until)

    def take(
        self,
        job: JobReference,
        before: SynchronizationJob,
        past: tuple[Start, ...],
        check: CredentialCheck | None,
        at: datetime,
    ) -> Start:
        """Claim the job for this invocation alone, and return the start that it may send.

        `past` are the starts that the entry keeps. Raises JobBusy if the entry has changed since it was read.
        """
        start = new_start(
            self._request,
            before,
            message_id=self._message_id,
            app_id=job.app_id,
            credential_check=check,
            at=at,
            followed_for=self._settings.recovery_deadline,
        )
        lease = Lease(self._owner, at + self._settings.job_lease)
        etag = self._entry.etag if self._entry is not None else None
        self._entry = self._ledger.put(claimed(job, start, earlier=past, lease=lease, etag=etag))
        return start

    def accept(self, start: Start) -> Start:
        """Note that Graph accepted the start, and record it. After JobBusy or LedgerUnavailable, the caller retries."""
        self._accepted = start
        return self.record(start)

    def record(self, start: Start) -> Start:
        """Record the start that Graph accepted, and return it. Raises JobBusy if the entry has changed meanwhile.

        If the lease was too short, another request may have claimed the job. Then the start is returned without a
        record, so that it is reported anyway.
        """
        entry = self._entry
        if entry is not None and self._unanswered is not None:
            self._entry = self._ledger.put(entry.recorded(start))
        elif entry is None or (entry.latest.request_id, entry.latest.at) != (start.request_id, start.at):
            _log.warning(line("start_not_recorded", requestId=self._request.request_id, startedAt=start.at))
        return start

    def release(self) -> None:
        """End this invocation's lease if no start was recorded, so that other requests do not have to wait for it.

        If a start may have had its effect, they still wait until it must show. If it surely had none, the entry from
        before the claim is restored. If this fails, the lease ends by itself.
        """
        entry = self._entry
        if entry is None or not self._is_own:
            return
        try:
            if self.may_have_started or self._accepted is not None:
                self._ledger.put(entry.released(entry.latest.at + self._settings.second_start_after))
            elif self.entry_before is not None:
                self._ledger.put(self.entry_before._replace(etag=entry.etag))
            else:
                self._ledger.remove(entry)
        except TransientError as error:
            _log.warning(line("job_not_released", requestId=self._request.request_id, job=entry.job, error=error))

    @property
    def _is_own(self) -> bool:
        """Whether this invocation has the lease."""
        entry = self._entry
        return entry is not None and entry.lease is not None and entry.lease.owner == self._owner

    @property
    def _unanswered(self) -> Start | None:
        """The latest start, if it belongs to this request and its effect is not known."""
        latest = self._entry.latest if self._entry is not None else None
        if latest is None or latest.request_id != self._request.request_id:
            return None
        return latest if latest.state is State.STARTING else None
