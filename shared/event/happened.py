"""Makes status events, with one function per thing that can happen. Each function also logs its event."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from shared.event.status_event import StatusEvent
from shared.log import line
from shared.outcome import Outcome, Reason
from shared.request.reference import JobReference
from shared.starting.ending import Ending

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.client import GraphCall
    from shared.ledger.entry import Start
    from shared.ledger.fate import Fate
    from shared.request.start_request import RequestedBy, StartRequest

_QUIET = frozenset({Outcome.STARTED, Outcome.SKIPPED, Outcome.EXPANDED, Outcome.RECOVERED})

_log = logging.getLogger(__name__)


def work_ended(
    request: StartRequest,
    ending: Ending,
    *,
    site_name: str,
    began_at: datetime,
    finished_at: datetime,
    calls: tuple[GraphCall, ...] = (),
) -> StatusEvent:
    """The work on a request ended, for good or until its next try."""
    return _logged(
        StatusEvent(
            site_name=site_name,
            request_id=request.request_id,
            requested_by=request.requested_by,
            requested_at=request.requested_at,
            began_at=began_at,
            finished_at=finished_at,
            ending=ending,
            job=ending.job or request.job,
            calls=calls,
            request=request.to_json() if ending.reason is Reason.GAVE_UP else None,
            traceparent=request.traceparent,
            parent_request_id=request.parent_request_id,
        )
    )


def no_request_found(
    ending: Ending,
    *,
    site_name: str,
    request_id: str,
    requested_by: RequestedBy,
    came_at: datetime,
    read_at: datetime,
    received: str | None = None,
    traceparent: str | None = None,
) -> StatusEvent:
    """A queue message or HTTP body has no request to work on. `received` is its text, if that helps a reader."""
    return _logged(
        StatusEvent(
            site_name=site_name,
            request_id=request_id,
            requested_by=requested_by,
            requested_at=came_at,
            began_at=read_at,
            finished_at=read_at,
            ending=ending,
            received=received,
            traceparent=traceparent,
        )
    )


def watch_refused(
    ending: Ending,
    *,
    site_name: str,
    request_id: str,
    requested_by: RequestedBy,
    seen_at: datetime,
    calls: tuple[GraphCall, ...],
) -> StatusEvent:
    """Graph refuses to show the watch the application that `ending` names, or any application."""
    return _logged(
        StatusEvent(
            site_name=site_name,
            request_id=request_id,
            requested_by=requested_by,
            requested_at=seen_at,
            began_at=seen_at,
            finished_at=seen_at,
            ending=ending,
            job=ending.job,
            calls=calls,
        )
    )


def fate_known(
    start: Start, fate: Fate, job: JobReference, *, site_name: str, calls: tuple[GraphCall, ...]
) -> StatusEvent:
    """It is known what happened to a job after its start. `job` has the object id of the application."""
    return _logged(
        StatusEvent(
            site_name=site_name,
            request_id=start.request_id,
            requested_by=start.requested_by,
            requested_at=start.requested_at,
            began_at=start.at,
            finished_at=fate.seen_at,
            ending=Ending(reason=fate.reason, before=start.before, code_after=fate.code, fate=fate),
            job=JobReference(job.service_principal_id, start.app_id, job.job_id),
            calls=calls,
            traceparent=start.traceparent,
            parent_request_id=start.parent_request_id,
        )
    )


def _logged(event: StatusEvent) -> StatusEvent:
    """Log the event. Each request has one line at its end, and one more if it waits, or for the result of its start."""
    ending, job = event.ending, event.job
    quarantine = ending.before.quarantine if ending.before else None
    _log.log(
        logging.INFO if ending.reason.outcome in _QUIET else logging.WARNING,
        line(
            "start_request_delayed"
            if ending.reason.outcome is Outcome.DELAYED
            else "start_request_ended"
            if ending.fate is None
            else "start_fate_known",
            requestId=event.request_id,
            outcome=ending.reason.outcome,
            reason=ending.reason,
            servicePrincipalId=job.service_principal_id if job else None,
            appId=job.app_id if job else None,
            jobId=job.job_id if job else None,
            codeBefore=ending.before.code if ending.before else None,
            codeAfter=ending.code_after,
            quarantineReason=quarantine.reason if quarantine else None,
            quarantineBegan=quarantine.series_began if quarantine else None,
            requestedBy=event.requested_by.source,
            reference=event.requested_by.reference,
            durationMs=round((event.finished_at - event.began_at).total_seconds() * 1000),
            error=ending.error,
        ),
    )
    return event
