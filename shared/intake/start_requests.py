"""How the app handles a body of start requests. The result is start requests for the queue, and an answer.

This module may not import requests or azure.identity, directly or not. Without them, an instance that only accepts
requests starts a quarter of a second sooner.
"""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from datetime import UTC, datetime
from http import HTTPStatus
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Fault, Faults, InvalidRequest
from shared.intake.problem import Answer, answer, problem
from shared.json_text import known, parse_json
from shared.request.parse import Defaults, parse_start_request
from shared.request.traceparent import parse_traceparent
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from shared.event.status_event import StatusEvent
    from shared.json_text import Json
    from shared.request.start_request import StartRequest

MAX_BODY = 1024 * 1024
"""Largest body that is read, in bytes."""

MAX_REQUESTS = 1000
"""Most start requests in one body."""

LARGE_BODY = 128 * 1024
"""From this size in bytes, a body waits for its turn. Parsing takes up to twenty times its size in memory."""

_turn = Lock()

SOURCE = "http"
"""requestedBy.source of a request from HTTP that does not say who asks."""


class Taken(NamedTuple):
    """The answer, and the start requests that it accepts: none if the answer is a problem."""

    answer: Answer
    requests: tuple[StartRequest, ...] = ()
    events: tuple[StatusEvent, ...] = ()
    """Status events for what asks for a start, but can't become a request."""


def take(body: bytes, headers: Mapping[str, str]) -> Taken:
    """Accept one start request, or an array of them. If one is not valid, none is accepted.

    Header names are in lower case.
    """
    refusal = refuse_body(body, headers)
    if refusal is not None:
        return Taken(refusal)
    with in_turn(body):
        return _take(body, parse_traceparent(headers.get("traceparent")))


def _take(body: bytes, traceparent: str | None) -> Taken:
    try:
        value = parse_json(body)
    except ValueError as error:
        return Taken(problem(HTTPStatus.BAD_REQUEST, f"The body {error}."))
    try:
        requests = _requests(value, traceparent)
    except InvalidRequest as error:
        return Taken(refuse_request(error))
    return Taken(answer(HTTPStatus.ACCEPTED, {"accepted": [accepted(request) for request in requests]}), requests)


def in_turn(body: bytes) -> AbstractContextManager[object]:
    """A context in which only one large body is parsed at a time. Twelve at once would need the memory of twelve."""
    return _turn if len(body) >= LARGE_BODY else nullcontext()


def refuse_body(body: bytes, headers: Mapping[str, str]) -> Answer | None:
    """The problem with a body that is not worth parsing, or None. Header names are in lower case.

    The Functions host passes a body on only if the request has a Content-Length, and does not decompress it.
    """
    if not body and (coding := headers.get("transfer-encoding")):
        detail = f"The body did not arrive: it was sent with Transfer-Encoding: {shorten(coding, 40)}. "
        return problem(HTTPStatus.LENGTH_REQUIRED, f"{detail}Send it with a Content-Length instead.")
    coding = headers.get("content-encoding", "").strip().lower()
    if coding not in ("", "identity"):
        detail = f"The body must not be compressed, but its Content-Encoding is {shorten(coding, 40)}."
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, detail)
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        given = f"not {media_type}" if media_type else "which the header Content-Type must say"
        return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"The body must be application/json, {given}.")
    if len(body) > MAX_BODY:
        detail = f"The body has {len(body)} bytes; {MAX_BODY} are allowed."
        return problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
    return None


def refuse_request(error: InvalidRequest) -> Answer:
    """The problem with a body that is JSON, but has invalid start requests."""
    count = error.count
    detail = f"{count} {'fault' if count == 1 else 'faults'}; nothing was queued."
    return problem(HTTPStatus.BAD_REQUEST, detail, error.faults)


def split(value: Json) -> list[tuple[str, Json]]:
    """The items of a body, each with its JSON Pointer. Raises InvalidRequest if there are none, or too many."""
    if not isinstance(value, list):
        return [("", value)]
    if not value:
        raise InvalidRequest([Fault("", "the array is empty: it asks for nothing")])
    if len(value) > MAX_REQUESTS:
        raise InvalidRequest([Fault("", f"the array has {len(value)} start requests; {MAX_REQUESTS} are allowed")])
    return [(f"/{index}", item) for index, item in enumerate(value)]


def _requests(value: Json, traceparent: str | None) -> tuple[StartRequest, ...]:
    """The start requests in a body. Raises InvalidRequest with the faults of all of them."""
    now = datetime.now(UTC)
    requests: list[StartRequest] = []
    faults = Faults()
    places: dict[str, str] = {}
    for pointer, item in split(value):
        defaults = Defaults(str(uuid.uuid4()), SOURCE, now, traceparent)
        try:
            request = parse_start_request(item, defaults, pointer=pointer, room=faults.room)
        except InvalidRequest as error:
            faults.extend(error)
            continue
        first = places.setdefault(request.request_id, pointer)
        if first != pointer:
            faults.add(f"{pointer}/requestId", f"is the requestId of {first} too")
        requests.append(request)
    if faults:
        raise InvalidRequest(faults.made, faults.count)
    return tuple(requests)


def accepted(request: StartRequest) -> dict[str, str]:
    """What an answer says about an accepted request."""
    job = request.job
    fields = {
        "requestId": request.request_id,
        "servicePrincipalId": job.service_principal_id,
        "appId": job.app_id,
        "jobId": job.job_id,
    }
    return known(fields)
