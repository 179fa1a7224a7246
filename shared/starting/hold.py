"""One invocation's hold on a job: it takes the job in the ledger, records the start, or gives the job back."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.errors import JobBusy, TransientError
from shared.ledger.entry import Lease, new_start, now, taken
from shared.log import line
from shared.starting.guard import past_starts

if TYPE_CHECKING:
    from shared.graph.credential_check import CredentialCheck
    from shared.graph.job import SynchronizationJob
    from shared.ledger.entry import Entry, Ledger, Start
    from shared.request.reference import JobReference
    from shared.request.start_request import StartRequest
    from shared.settings import Settings

EFFECT_SHOWS = timedelta(seconds=2)
"""How long Graph is given to show a start whose effect is not known, before the job may be started once more."""

_log = logging.getLogger(__name__)


class Hold:
    """The job's entry as this invocation knows it. Every write is conditional on what was read."""

    def __init__(self, ledger: Ledger, request: StartRequest, settings: Settings) -> None:
        self._ledger = ledger
        self._request = request
        self._settings = settings
        self._attempt = str(uuid.uuid4())
        self._entry: Entry | None = None
        self.replaced: Entry | None = None
        """The entry without this invocation's own doing."""
        self.may_have_started = False
        """Whether a start was sent whose answer does not exclude an effect."""
        self.accepted: Start | None = None
        """The start that Graph took."""

    def read(self, job: JobReference) -> None:
        """See what the ledger says now."""
        self._entry = self._ledger.get(job)
        if not self.is_own:
            self.replaced = self._entry

    @property
    def is_own(self) -> bool:
        """Whether this invocation has the job."""
        entry = self._entry
        return entry is not None and entry.lease is not None and entry.lease.owner == self._attempt

    @property
    def recorded(self) -> Start | None:
        """The start that Graph took for this request, here or in an earlier invocation."""
        return self._entry.started_by(self._request.request_id) if self._entry is not None else None

    @property
    def under_way(self) -> Start | None:
        """The start for this request whose effect is not known."""
        entry = self._entry
        is_it = entry is not None and entry.latest.request_id == self._request.request_id
        return entry.latest if is_it and entry is not None and entry.latest.reason is None else None

    def raise_if_busy(self) -> None:
        """Raise JobBusy where another invocation has the job."""
        entry = self._entry
        if entry is not None and entry.lease is not None and not self.is_own and now() < entry.lease.until:
            raise JobBusy(f"request {entry.latest.request_id} has the job until {entry.lease.until:%H:%M:%S} at most")

    def take(self, job: JobReference, before: SynchronizationJob, check: CredentialCheck | None) -> Start:
        """Have the job for this invocation alone, and return the start that it may send.

        Raises JobBusy where somebody else was quicker.
        """
        moment = now()
        start = new_start(
            self._request,
            before,
            app_id=job.app_id,
            credential_check=check,
            at=moment,
            followed_for=self._settings.recovery_deadline,
        )
        lease = Lease(self._attempt, moment + self._settings.job_lease)
        earlier = past_starts(self.replaced, before, moment)
        self._entry = self._ledger.put(taken(job, start, earlier=earlier, lease=lease, replaces=self._entry))
        return start

    def settle(self, start: Start) -> Start:
        """Record the start that Graph took, and return it. Raises JobBusy where the entry was changed meanwhile.

        Where another request has the job by now, because a lease was too short, the start is reported all the same.
        """
        if self._entry is not None and self.under_way is not None:
            self._entry = self._ledger.put(self._entry.settled(start))
        else:
            _log.warning(line("start_not_recorded", requestId=self._request.request_id, startedAt=start.at))
        return start

    def give_back(self) -> None:
        """Leave the job to others where it was taken and nothing recorded, so that nobody waits for the lease to end.

        Where a start may have had its effect, they wait until that shows. Where it surely had none, the entry becomes
        what it was. Where this fails, the lease ends by itself.
        """
        entry = self._entry
        if entry is None or not self.is_own:
            return
        try:
            if self.may_have_started or self.accepted is not None:
                self._ledger.put(entry.released(now() + EFFECT_SHOWS))
            elif self.replaced is not None:
                self._ledger.put(replace(self.replaced, etag=entry.etag))
            else:
                self._ledger.remove(entry)
        except TransientError as error:
            _log.warning(line("job_not_given_back", requestId=self._request.request_id, job=entry.job, error=error))
