"""The log line of each status event."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.log import line
from shared.outcome import Outcome

if TYPE_CHECKING:
    from shared.status_event import StatusEvent

_log = logging.getLogger(__name__)

_QUIET = frozenset({Outcome.STARTED, Outcome.SKIPPED, Outcome.EXPANDED, Outcome.RECOVERED})


def logged(event: StatusEvent) -> StatusEvent:
    """Log the one line that every request ends in, and one more when the fate of its start is known."""
    ending, job = event.ending, event.job
    _log.log(
        logging.INFO if ending.reason.outcome in _QUIET else logging.WARNING,
        line(
            "start_request_ended" if ending.recovery is None else "start_fate_known",
            requestId=event.request_id,
            outcome=ending.reason.outcome,
            reason=ending.reason,
            servicePrincipalId=job.service_principal_id if job else None,
            appId=job.app_id if job else None,
            jobId=job.job_id if job else None,
            codeBefore=ending.before.code if ending.before else None,
            codeAfter=ending.code_after,
            quarantineReason=ending.before.quarantine.reason if ending.before and ending.before.quarantine else None,
            requestedBy=event.requested_by.source,
            reference=event.requested_by.reference,
            durationMs=round((event.finished_at - event.started_at).total_seconds() * 1000),
            error=ending.error,
        ),
    )
    return event
