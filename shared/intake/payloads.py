"""What comes of a payload from a known kind of sender: start requests for the queue, and an answer that suits it.

As in `intake`, nothing in here may import requests or azure.identity.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from shared.errors import MAX_FAULTS, InvalidRequest, InvalidSignature
from shared.event.explain import message
from shared.event.status_event import StatusEvent, log_ended
from shared.intake.problem import answer, problem
from shared.intake.signatures import verify
from shared.intake.sources import SOURCES
from shared.intake.sources.source import Found, Ignored, NoReference, Payload
from shared.intake.start_requests import Taken, accepted, refuse_body, refuse_request
from shared.json_text import parse_json
from shared.log import line
from shared.outcome import Reason
from shared.request.start_request import parse_traceparent
from shared.starting.ending import Ending
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.errors import Fault
    from shared.intake.keys import WebhookKeys
    from shared.intake.sources.source import Reading, Source
    from shared.settings import Settings

_log = logging.getLogger(__name__)


def take(
    name: str,
    body: bytes,
    headers: Mapping[str, str],
    settings: Settings,
    keys: WebhookKeys,
    *,
    now: datetime | None = None,
) -> Taken:
    """Take what the source of that name sent. The names of the headers are in lower case."""
    source = SOURCES.get(name.lower())
    if source is None:
        taken = Taken(problem(HTTPStatus.NOT_FOUND, f"There is no such source; known are {', '.join(SOURCES)}."))
    else:
        taken = _take(source, body, headers, settings, keys.get(source.name), now=now or datetime.now(UTC))
    _log.log(
        logging.INFO if taken.answer.status < HTTPStatus.BAD_REQUEST else logging.WARNING,
        line(
            "payload_taken",
            source=source.name if source is not None else None,
            status=taken.answer.status.value,
            bytes=len(body),
            requests=len(taken.requests),
            events=len(taken.events),
        ),
    )
    return taken


def _take(
    source: Source,
    body: bytes,
    headers: Mapping[str, str],
    settings: Settings,
    keys: tuple[bytes, ...] | None,
    *,
    now: datetime,
) -> Taken:
    refusal = refuse_body(body, headers)
    if refusal is not None:
        return Taken(refusal)
    if keys is not None and source.signature is not None:
        try:
            verify(source.signature, keys, headers, body, now)
        except InvalidSignature as error:
            _log.warning(line("signature_refused", source=source.name, reason=error))
            return Taken(problem(HTTPStatus.UNAUTHORIZED, str(error)))
    try:
        value = parse_json(body)
    except ValueError as error:
        return Taken(problem(HTTPStatus.BAD_REQUEST, f"The body {error}."))
    payload = Payload(
        source=source.name,
        value=value,
        delivery_id=source.delivery_id(value, headers) or hashlib.sha256(body).hexdigest(),
        received=now,
        traceparent=parse_traceparent(headers.get("traceparent")),
    )
    try:
        reading = source.read(payload)
    except InvalidRequest as error:
        return Taken(refuse_request(error))
    return _taken(reading, payload, settings)


def _taken(reading: Reading, payload: Payload, settings: Settings) -> Taken:
    """202 where something goes on the queue, else 200: a sender that is told an error tries again, or gives up."""
    match reading:
        case Ignored(reason):
            return _answer(HTTPStatus.OK, ignored=[{"reason": reason}])
        case Found(requests, faults):
            if faults:
                _log.warning(line("references_rejected", source=payload.source, count=len(faults), first=faults[0]))
            taken = _answer(
                HTTPStatus.ACCEPTED, accepted=[accepted(request) for request in requests], rejected=_rejected(faults)
            )
            return taken._replace(requests=requests)
        case NoReference(requested_by, faults):
            error = shorten("; ".join(map(str, faults[:MAX_FAULTS])))
            ending = Ending(reason=Reason.NO_JOB_REFERENCE, error=error or None)
            event = StatusEvent(
                site_name=settings.site_name,
                request_id=payload.request_id(),
                requested_by=requested_by,
                requested_at=payload.received,
                began_at=payload.received,
                finished_at=payload.received,
                ending=ending,
                traceparent=payload.traceparent,
            )
            log_ended(event)
            rejected = _rejected(faults) or [{"reason": message(ending, None)}]
            answered = _answer(HTTPStatus.OK, rejected=rejected, requestId=event.request_id)
            return answered._replace(events=(event,))


def _answer(status: HTTPStatus, **fields: object) -> Taken:
    return Taken(answer(status, {"accepted": [], "ignored": [], "rejected": [], **fields}))


def _rejected(faults: tuple[Fault, ...]) -> list[dict[str, str]]:
    """What an answer says of references that are none, each with the JSON Pointer of its place."""
    return [{"pointer": f"#{fault.pointer}", "reason": fault.detail} for fault in faults[:MAX_FAULTS]]
