"""How the app handles a payload from a known kind of sender. The result is start requests, and an answer.

As everywhere in `intake`, this module may not import requests or azure.identity.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING

from shared.errors import MAX_FAULTS, Fault, InvalidRequest, InvalidSignature, NoJobReference
from shared.event.explain import message
from shared.event.happened import no_request_found
from shared.intake.problem import Answer, answer, problem, wrong_settings
from shared.intake.signatures import by_one_name, verify
from shared.intake.sources import SOURCES
from shared.intake.sources.search import OWN_WORDS, is_own_event
from shared.intake.sources.source import Found, Ignored, NoReference, Payload
from shared.intake.start_requests import Taken, accepted, in_turn, refuse_body, refuse_request
from shared.json_text import parse_json
from shared.log import line
from shared.outcome import Reason
from shared.request.traceparent import parse_traceparent
from shared.request.unwrap import MAX_BODIES, unwrap, validation_code
from shared.starting.ending import Ending
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.errors import SettingFault
    from shared.event.status_event import StatusEvent
    from shared.intake.keys import WebhookKeys
    from shared.intake.sources.source import Reading, Source
    from shared.json_text import Json
    from shared.request.start_request import RequestedBy, StartRequest
    from shared.settings import Settings

_ORIGIN = re.compile(r"[A-Za-z0-9.:/_-]{1,255}|\*")
"""A host name, or *, which the answer repeats in a header."""
MAX_CODE = 200
"""Longest validation code of Event Grid that is answered, in characters."""

_log = logging.getLogger(__name__)


def take(
    name: str,
    body: bytes,
    headers: Mapping[str, str],
    settings: Settings,
    keys: WebhookKeys,
    *,
    open_sources: frozenset[str] | None = None,
    closed_sources: Mapping[str, tuple[SettingFault, ...]] = MappingProxyType({}),
    now: datetime | None = None,
) -> Taken:
    """Handle a body from the source with that name. Header names are in lower case.

    Without `open_sources`, all sources are open. `closed_sources` has the faults in the settings that close a source.
    """
    source = SOURCES.get(name.lower())
    known = [each for each in SOURCES if open_sources is None or each in open_sources]
    if source is None:
        taken = Taken(problem(HTTPStatus.NOT_FOUND, f"There is no such source; known are {', '.join(known)}."))
    elif faults := closed_sources.get(source.name):
        taken = Taken(wrong_settings(faults))
    elif source.name not in known:
        detail = f"The source {source.name} is closed by the setting SOURCES; open are {', '.join(known) or 'none'}."
        taken = Taken(problem(HTTPStatus.NOT_FOUND, detail))
    else:
        with in_turn(body):
            taken = _Intake(
                source=source,
                body=body,
                headers=by_one_name(headers),
                settings=settings,
                keys=keys.get(source.name),
                now=now or datetime.now(UTC),
            ).take()
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


def options(
    name: str,
    headers: Mapping[str, str],
    *,
    open_sources: frozenset[str] | None = None,
    closed_sources: Mapping[str, tuple[SettingFault, ...]] = MappingProxyType({}),
) -> Answer:
    """Answer whether a sender may send (CloudEvents 1.0, "HTTP 1.1 Web Hooks for Event Delivery", abuse protection)."""
    source = SOURCES.get(name.lower())
    if source is not None and (faults := closed_sources.get(source.name)):
        return wrong_settings(faults)
    if source is None or (open_sources is not None and source.name not in open_sources):
        return problem(HTTPStatus.NOT_FOUND, "There is no such source, or it is closed.")
    allowed = {"Allow": "POST, OPTIONS"}
    origin = headers.get("webhook-request-origin", "")
    if _ORIGIN.fullmatch(origin):
        allowed |= {"WebHook-Allowed-Origin": origin, "WebHook-Allowed-Rate": "*"}
    return Answer(HTTPStatus.OK, "application/json", "", allowed)


@dataclass(slots=True)
class _Intake:
    """Handles one body: checks its signature, parses it, and reads what it asks for."""

    source: Source
    body: bytes
    headers: Mapping[str, str]
    settings: Settings
    keys: tuple[bytes, ...] | None
    now: datetime

    def take(self) -> Taken:
        refusal = refuse_body(self.body, self.headers)
        if self.keys is not None and self.source.signature is not None:
            try:
                verify(self.source.signature, self.keys, self.headers, self.body, self.now)
            except InvalidSignature as error:
                if refusal is not None:
                    return Taken(refusal)
                _log.warning(line("signature_refused", source=self.source.name, reason=error))
                return Taken(problem(HTTPStatus.UNAUTHORIZED, str(error)))
            signed = self.source.signature.signed_headers | {"traceparent"}
            self.headers = {name: value for name, value in self.headers.items() if name in signed}
        if refusal is not None:
            # A person must know that this never works, so there is an event. Without a body, there is only an answer.
            return self._refused(refusal, InvalidRequest([]), detail=_detail(refusal)) if self.body else Taken(refusal)
        try:
            value = parse_json(self.body)
        except ValueError as error:
            detail = f"The body {error}"
            return self._refused(problem(HTTPStatus.BAD_REQUEST, f"{detail}."), InvalidRequest([]), detail=detail)
        code = validation_code(value)
        if code is not None and len(code) <= MAX_CODE:
            return Taken(answer(HTTPStatus.OK, {"validationResponse": code}))
        return self._read(value)

    def _read(self, value: Json) -> Taken:
        """Read each body in the value. The value is refused only if no body in it is valid."""
        bodies = unwrap(value, lambda body: is_own_event(body) or self.source.knows(body))
        readings: list[tuple[Reading, Payload]] = []
        faults: list[Fault] = []
        error: InvalidRequest | None = None
        for index, body in enumerate(bodies):
            payload = self._payload(body.value, index)
            try:
                reading = OWN_WORDS if is_own_event(body.value) else self.source.read(payload)
            except InvalidRequest as fault:
                error = error or type(fault)(_below(body.pointer, fault.faults), fault.count)
                faults += _below(body.pointer, fault.faults)
            else:
                readings.append((_placed(reading, body.pointer), payload))
        if error is not None and not readings:
            # If there are several bodies, the faults of the first one show what is wrong.
            return self._refused(refuse_request(error), error, value=bodies[0].value)
        if len(bodies) == MAX_BODIES:
            faults.append(Fault("", f"holds {MAX_BODIES} bodies or more; only so many were read"))
        return self._combined(readings, faults)

    def _payload(self, value: Json, index: int = 0) -> Payload:
        delivery_id = self.source.delivery_id(value, self.headers) or hashlib.sha256(self.body).hexdigest()
        return Payload(
            source=self.source.name,
            value=value,
            delivery_id=f"{delivery_id}/{index}" if index else delivery_id,
            received=self.now,
            traceparent=parse_traceparent(self.headers.get("traceparent")),
        )

    def _combined(self, readings: list[tuple[Reading, Payload]], faults: list[Fault]) -> Taken:
        """202 if anything goes on the queue, else 200, because after an error a sender would try again, or give up."""
        requests: dict[str, StartRequest] = {}
        events: list[StatusEvent] = []
        ignored: list[dict[str, str]] = []
        rejected = list(faults)
        reasons: list[dict[str, str]] = []
        for reading, payload in readings:
            match reading:
                case Ignored(reason):
                    ignored.append({"reason": reason})
                case Found(found, left_out):
                    requests |= {request.request_id: request for request in found}
                    rejected += left_out
                case NoReference(requested_by, left_out):
                    ending = Ending(reason=Reason.NO_JOB_REFERENCE, error=_told(left_out))
                    events.append(self._event(payload, requested_by, ending))
                    rejected += left_out
                    reasons += [] if left_out else [{"reason": message(ending, None)}]
        if rejected and requests:
            _log.warning(line("references_rejected", source=self.source.name, count=len(rejected), first=rejected[0]))
        fields: dict[str, object] = {
            "accepted": [accepted(request) for request in requests.values()],
            "ignored": ignored[:MAX_FAULTS],
            "rejected": [*_rejected(rejected), *reasons][:MAX_FAULTS],
        }
        if events:
            fields["requestId"] = events[0].request_id
        status = HTTPStatus.ACCEPTED if requests else HTTPStatus.OK
        return Taken(answer(status, fields), tuple(requests.values()), tuple(events))

    def _refused(self, refusal: Answer, error: InvalidRequest, *, value: Json = None, detail: str = "") -> Taken:
        """A refusal with an event, because a ticket system does not read answers."""
        payload = self._payload(value)
        reason = Reason.NO_JOB_REFERENCE if isinstance(error, NoJobReference) else Reason.INVALID_REQUEST
        ending = Ending(reason=reason, error=detail or _told(error.faults))
        event = self._event(payload, payload.requested_by(*self.source.asked_by(value)), ending)
        told = json.dumps({**json.loads(refusal.body), "requestId": event.request_id}, separators=(",", ":"))
        return Taken(refusal._replace(body=told), events=(event,))

    def _event(self, payload: Payload, requested_by: RequestedBy, ending: Ending) -> StatusEvent:
        return no_request_found(
            ending,
            site_name=self.settings.site_name,
            request_id=payload.request_id(),
            requested_by=requested_by,
            came_at=payload.received,
            read_at=payload.received,
            traceparent=payload.traceparent,
        )


def _detail(refusal: Answer) -> str:
    """The detail of a problem, without its full stop."""
    return str(json.loads(refusal.body)["detail"]).removesuffix(".")


def _placed(reading: Reading, pointer: str) -> Reading:
    """The reading of a wrapped body, whose faults get their places in the received value."""
    if not pointer or isinstance(reading, Ignored):
        return reading
    return replace(reading, rejected=tuple(_below(pointer, reading.rejected)))


def _below(pointer: str, faults: tuple[Fault, ...]) -> list[Fault]:
    return [Fault(pointer + fault.pointer, fault.detail) for fault in faults]


def _told(faults: tuple[Fault, ...]) -> str | None:
    return shorten("; ".join(map(str, faults[:MAX_FAULTS]))) or None


def _rejected(faults: list[Fault]) -> list[dict[str, str]]:
    """The rejected references in an answer, each with the JSON Pointer of its place."""
    return [{"pointer": f"#{fault.pointer}", "reason": fault.detail} for fault in faults[:MAX_FAULTS]]
