"""What comes of an HTTP request: start requests for the queue, and an answer.

Nothing in here may import requests or azure.identity, directly or not: instances that only take requests in
start a quarter of a second sooner without them.
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
"""From how many bytes on a body waits for its turn. Reading one takes up to twenty times its size in memory."""

_turn = Lock()

SOURCE = "http"
"""requestedBy.source of a request that came by HTTP and does not say who asks."""


class Taken(NamedTuple):
    """The answer, and the start requests that it promises: none where the answer is a problem."""

    answer: Answer
    requests: tuple[StartRequest, ...] = ()
    events: tuple[StatusEvent, ...] = ()
    """Reports on what was asked for, but can't become a request."""


def take(body: bytes, headers: Mapping[str, str]) -> Taken:
    """Take one start request, or an array of them. All are valid, or none is taken.

    The names of the headers are in lower case.
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
    """The turn of a body. Twelve large ones at once would need the memory of twelve, and take as long."""
    return _turn if len(body) >= LARGE_BODY else nullcontext()


def refuse_body(body: bytes, headers: Mapping[str, str]) -> Answer | None:
    """The problem with a body that is not worth parsing, if there is one. The names of the headers are in lower case.

    The Functions host hands a body on only where the request names its length, and does not unpack it.
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
    """The problem with a body that is JSON, but asks for nothing that can be done."""
    count = error.count
    detail = f"{count} {'fault' if count == 1 else 'faults'}; nothing was queued."
    return problem(HTTPStatus.BAD_REQUEST, detail, error.faults)


def split(value: Json) -> list[tuple[str, Json]]:
    """The items of a body, each with its JSON Pointer. Raises InvalidRequest where there are none, or too many."""
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
    """What an answer says of a request that is taken."""
    job = request.job
    fields = {
        "requestId": request.request_id,
        "servicePrincipalId": job.service_principal_id,
        "appId": job.app_id,
        "jobId": job.job_id,
    }
    return known(fields)
