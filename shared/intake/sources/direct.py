"""Senders whose bodies are free send the direct form: a start request, or an array of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from shared.errors import Fault, InvalidRequest
from shared.intake.sources.source import START_WHEN, Found
from shared.intake.start_requests import split
from shared.request.start_request import Defaults, StartRequest, parse_start_request

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json


def read_direct(payload: Payload) -> Reading:
    """The start requests in the payload: all are valid, or none is taken.

    A request without a requestId gets one that is the same for the same delivery and job. Whoever may fill in a
    template must not override holds: `force` is left to /api/start-requests. Raises InvalidRequest.
    """
    defaults = Defaults("", payload.source, payload.received, payload.traceparent, START_WHEN)
    requests: dict[str, StartRequest] = {}
    faults: list[Fault] = []
    for pointer, item in split(payload.value):
        try:
            request = parse_start_request(_filled(item), defaults, pointer=pointer)
        except InvalidRequest as error:
            faults.extend(error.faults)
            continue
        if request.force:
            faults.append(Fault(f"{pointer}/force", "is for requests to /api/start-requests only; leave it out"))
        request = replace(request, request_id=request.request_id or payload.request_id(request.job))
        if requests.setdefault(request.request_id, request) != request:
            faults.append(Fault(pointer, "differs from an earlier item with the same job or requestId"))
    if faults:
        raise InvalidRequest(faults)
    return Found(tuple(requests.values()))


def _filled(item: Json) -> Json:
    """The item without empty texts: a template writes one where the ticket has nothing in a field."""
    return {name: value for name, value in item.items() if value != ""} if isinstance(item, dict) else item
