"""The report of a fate: written to the ledger, and sent as one more status event of the request."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.event.status_event import StatusEvent, log_ended
from shared.log import line
from shared.recovery.message import read_fate
from shared.request.reference import JobReference
from shared.starting.ending import Ending

if TYPE_CHECKING:
    from shared.inbox import Delivery
    from shared.ledger.entry import Ledger, Start
    from shared.recovery.message import SeenFate
    from shared.settings import Settings

_log = logging.getLogger(__name__)


def report_recovery(delivery: Delivery, ledger: Ledger, settings: Settings) -> StatusEvent | None:
    """The event for a message of start-recovery; None where the fate was reported before.

    The timer may see a fate twice before the first message is worked on: the ledger tells the second one apart. A
    message that is delivered again, because its event could not be sent, gives the same event again. Raises
    TransientError.
    """
    seen = read_fate(delivery.body)
    entry = ledger.get(seen.job)
    start = next(filter(seen.is_of, entry.starts), None) if entry is not None else None
    if entry is None or start is None:
        _log.warning(line("recovery_of_unknown_start", requestId=seen.request_id, job=seen.job))
        return None
    fate = seen.fate
    if start.fate is None:
        ledger.put(entry.with_fate(seen.request_id, fate.started_at, fate.reason, fate.seen_at))
    elif (start.fate, start.fate_seen_at) != (fate.reason, fate.seen_at) or delivery.dequeue_count == 1:
        return None
    return _event(seen, start, settings)


def _event(seen: SeenFate, start: Start, settings: Settings) -> StatusEvent:
    fate = seen.fate
    ending = Ending(reason=fate.reason, before=start.before, code_after=fate.code, fate=fate)
    return log_ended(
        StatusEvent(
            site_name=settings.site_name,
            request_id=start.request_id,
            requested_by=start.requested_by,
            requested_at=start.requested_at,
            began_at=start.at,
            finished_at=fate.seen_at,
            ending=ending,
            job=JobReference(seen.job.service_principal_id, start.app_id, seen.job.job_id),
            calls=seen.calls,
            traceparent=start.traceparent,
            parent_request_id=start.parent_request_id,
        )
    )
