"""The direct form: a start request, or an array of them. Senders whose body you can write send it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.errors import Faults, InvalidRequest, NoJobReference
from shared.intake.sources.fields import clean, field, label
from shared.intake.sources.search import OWN_WORDS, has_mark
from shared.intake.sources.source import START_WHEN, Found
from shared.intake.start_requests import split
from shared.request.parse import Defaults, parse_start_request
from shared.request.traceparent import parse_traceparent
from shared.text import lowered
from shared.time_text import parse_time

if TYPE_CHECKING:
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json
    from shared.request.start_request import StartRequest

_IDS = frozenset({"serviceprincipalid", "appid", "jobid", "job"})
_NAMES_AN_APPLICATION = ("servicePrincipalId", "appId", "job")


def is_direct(value: Json) -> bool:
    """Whether a value is intended as the direct form."""
    if isinstance(value, list):
        return bool(value) and any(is_direct(item) for item in value if isinstance(item, dict))
    # Ignores case, so that a start request with a misspelt name is refused with that name, and not searched.
    return isinstance(value, dict) and any(lowered(name) in _IDS for name in value)


def asked_by(value: Json) -> tuple[str | None, str | None]:
    """Reference and summary of a start request, or of the first of several. A text as requestedBy is the reference."""
    first = value[0] if isinstance(value, list) and value else value
    who = field(first, "requestedBy")
    return label(who, "reference") or label(first, "requestedBy"), label(who, "summary")


def read_direct(payload: Payload) -> Reading:
    """The start requests in the payload. Raises InvalidRequest if one is not valid.

    A request without a requestId gets one that is always the same for the same delivery and job. A person who fills in
    a template must not override holds, so `force` is only for /api/start-requests. An invalid field that only describes
    a request is ignored. The source in requestedBy is always this source, whatever the body says.
    """
    requests: dict[str, StartRequest] = {}
    faults = Faults()
    nameless = marked = 0
    for pointer, item in split(payload.value):
        if has_mark(item):
            marked += 1
            continue
        filled = _filled(item)
        nameless += isinstance(filled, dict) and not any(name in filled for name in _NAMES_AN_APPLICATION)
        requested_by = payload.requested_by(*asked_by(item))
        defaults = Defaults("", payload.source, payload.received, payload.traceparent, START_WHEN)
        try:
            request = parse_start_request(filled, defaults, pointer=pointer, room=faults.room)
        except InvalidRequest as error:
            faults.extend(error)
            continue
        if request.force:
            faults.add(f"{pointer}/force", "is for requests to /api/start-requests only; leave it out")
        request_id = request.request_id or payload.request_id(request.job)
        request = request._replace(request_id=request_id, requested_by=requested_by)
        if requests.setdefault(request.request_id, request) != request:
            faults.add(pointer, "differs from an earlier item with the same job or requestId")
    if faults:
        # If nothing else is wrong, the form is correct, and the ticket's fields are empty.
        kind = NoJobReference if faults.count == nameless else InvalidRequest
        raise kind(faults.made, faults.count)
    return OWN_WORDS if marked and not requests else Found(tuple(requests.values()))


def _filled(item: Json) -> Json:
    """The item without blanks around texts, empty fields, requestedBy, and an invalid requestedAt or traceparent."""
    if not isinstance(item, dict):
        return item
    filled = {name: cleaned for name, value in item.items() if (cleaned := clean(value)) is not None}
    states = filled.get("startWhen")
    if isinstance(states, list):
        filled["startWhen"] = [clean(state) for state in states]
    filled.pop("requestedBy", None)
    at, trace = filled.get("requestedAt"), filled.get("traceparent")
    if not isinstance(at, str) or parse_time(at) is None:
        filled.pop("requestedAt", None)
    if not isinstance(trace, str) or parse_traceparent(trace) is None:
        filled.pop("traceparent", None)
    return filled
