"""Senders whose bodies are free send the direct form: a start request, or an array of them."""

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
    """Whether a value is meant as the direct form."""
    if isinstance(value, list):
        return bool(value) and any(is_direct(item) for item in value if isinstance(item, dict))
    # In any case: a start request with a misspelt name is refused with the name, and not searched.
    return isinstance(value, dict) and any(lowered(name) in _IDS for name in value)


def asked_by(value: Json) -> tuple[str | None, str | None]:
    """What a start request, or the first of several, says of who asks; a text in place of an object is a reference."""
    first = value[0] if isinstance(value, list) and value else value
    who = field(first, "requestedBy")
    return label(who, "reference") or label(first, "requestedBy"), label(who, "summary")


def read_direct(payload: Payload) -> Reading:
    """The start requests in the payload: all are valid, or none is taken.

    A request without a requestId gets one that is the same for the same delivery and job. Whoever may fill in a
    template must not override holds: `force` is left to /api/start-requests. What only describes a request never
    costs it, and who asks is the source, whatever the body says. Raises InvalidRequest.
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
        # Where nothing else is wrong, it is not the form that is: the ticket's fields are empty.
        kind = NoJobReference if faults.count == nameless else InvalidRequest
        raise kind(faults.made, faults.count)
    return OWN_WORDS if marked and not requests else Found(tuple(requests.values()))


def _filled(item: Json) -> Json:
    """The item without blanks around its texts, without fields that are empty, and without what describes it only."""
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
