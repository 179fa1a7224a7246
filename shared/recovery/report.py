"""The report of fates: each is one more status event of its request, and the ledger has it as told after that.

So an event may come twice, where the ledger did not take the note; it has the same id then (shared.event.status_event).
It never fails to come: what the ledger does not have as told, the next run tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.event.status_event import StatusEvent, log_ended
from shared.request.reference import JobReference
from shared.starting.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.ledger.entry import Entry, Ledger
    from shared.recovery.look import SeenFate


class Reporter:
    """Tells fates; used by all threads of a run."""

    def __init__(self, ledger: Ledger, tell: Callable[[StatusEvent], None], site_name: str) -> None:
        """`tell` returns once the event and its notices are on their queues. It raises TransientError."""
        self._ledger = ledger
        self._tell = tell
        self._site_name = site_name

    def report(self, entry: Entry, fates: list[SeenFate]) -> None:
        """Tell the fates of an entry, and note that. Raises TransientError; JobBusy where the entry was changed."""
        for seen in fates:
            self._tell(log_ended(self._event(entry.job, seen)))
            fate = seen.fate
            entry = entry.with_fate(seen.start.request_id, fate.started_at, fate.reason, fate.seen_at)
        self._ledger.put(entry)

    def _event(self, job: JobReference, seen: SeenFate) -> StatusEvent:
        start, fate = seen.start, seen.fate
        return StatusEvent(
            site_name=self._site_name,
            request_id=start.request_id,
            requested_by=start.requested_by,
            requested_at=start.requested_at,
            began_at=start.at,
            finished_at=fate.seen_at,
            ending=Ending(reason=fate.reason, before=start.before, code_after=fate.code, fate=fate),
            job=JobReference(job.service_principal_id, start.app_id, job.job_id),
            calls=seen.calls,
            traceparent=start.traceparent,
            parent_request_id=start.parent_request_id,
        )
