"""What comes of a payload from a known kind of sender: start requests for the queue, and an answer that suits it.

As in `intake`, nothing in here may import requests or azure.identity.
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
"""The name of a host; it stands in a header of the answer."""
MAX_CODE = 200
"""Longest validation code of Event Grid that is answered."""

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
    """Take what the source of that name sent. The names of the headers are in lower case.

    Without `open_sources` all are open; `closed_sources` are closed by what is wrong with the settings.
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
    """Whether a sender may send (CloudEvents 1.0, "HTTP 1.1 Web Hooks for Event Delivery", abuse protection)."""
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
    """The way of one body: is it the sender's, can it be read, what does it ask for."""

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
            # Who sent it is known: somebody has to hear that it never works. What did not arrive is no body.
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
        """Read each body in the value; one that is none spoils the others only where there are no others."""
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
            # Several bodies: the first one's faults tell what is wrong.
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
        """202 where something goes on the queue, else 200: a sender that is told an error tries again, or gives up."""
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
        """A refusal, with an event: a ticket system reads no answers."""
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
    """The sentence of a problem, without its full stop."""
    return str(json.loads(refusal.body)["detail"]).removesuffix(".")


def _placed(reading: Reading, pointer: str) -> Reading:
    """The reading of a body that was wrapped, its faults with their places in what came."""
    if not pointer or isinstance(reading, Ignored):
        return reading
    return replace(reading, rejected=tuple(_below(pointer, reading.rejected)))


def _below(pointer: str, faults: tuple[Fault, ...]) -> list[Fault]:
    return [Fault(pointer + fault.pointer, fault.detail) for fault in faults]


def _told(faults: tuple[Fault, ...]) -> str | None:
    return shorten("; ".join(map(str, faults[:MAX_FAULTS]))) or None


def _rejected(faults: list[Fault]) -> list[dict[str, str]]:
    """What an answer says of references that are none, each with the JSON Pointer of its place."""
    return [{"pointer": f"#{fault.pointer}", "reason": fault.detail} for fault in faults[:MAX_FAULTS]]
