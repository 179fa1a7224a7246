"""Senders whose bodies are fixed can't carry a start request: the whole payload is searched for job references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.intake.sources.place import ROOT
from shared.intake.sources.references import NAMES, References
from shared.intake.sources.source import Found, Ignored, NoReference
from shared.mark import is_marked

if TYPE_CHECKING:
    from collections.abc import Iterable

    from shared.intake.sources.place import Place
    from shared.intake.sources.source import Payload, Reading
    from shared.json_text import Json
    from shared.request.start_request import RequestedBy

MAX_DEPTH = 64
MAX_VALUES = 50_000
"""How many texts, objects and arrays are searched, and how deep; no system comes near either."""


def read_by_search(payload: Payload, requested_by: RequestedBy) -> Reading:
    """Start requests for the jobs that the payload names anywhere."""
    references = search(payload.value)
    if references.jobs:
        return Found(payload.requests(references.jobs, requested_by), references.faults)
    if references.faults:
        return NoReference(requested_by, references.faults)
    return Ignored("The payload names no provisioning job.")


def search(value: Json) -> References:
    """The jobs that a JSON value names: as Graph paths within any text, or as ids within one object."""
    references = References()
    waiting: list[tuple[Json, Place, int]] = [(value, ROOT, 0)]
    searched = 0
    too_deep = False
    while waiting and searched < MAX_VALUES:
        current, place, depth = waiting.pop()
        searched += 1
        if isinstance(current, str):
            if not is_marked(current):
                references.add_text(current, place)
        elif depth == MAX_DEPTH:
            too_deep = True
        else:
            if isinstance(current, dict) and any(name.lower() in NAMES for name in current):
                fields = ((name, item, place / name) for name, item in current.items())
                references.add_fields(fields, bare_app_id=False)
            inside = [(name, item) for name, item in _members(current) if item and isinstance(item, (str, dict, list))]
            # The last one waiting is looked at next: so this keeps to the order of the document.
            waiting.extend((item, place / name, depth + 1) for name, item in reversed(inside))
    if waiting:
        references.fault(ROOT, f"has more than {MAX_VALUES} values; the rest was not searched")
    if too_deep:
        references.fault(ROOT, f"is nested deeper than {MAX_DEPTH} levels; what is below was not searched")
    return references


def _members(value: Json) -> Iterable[tuple[str | int, Json]]:
    """What stands in an object or an array, each with its name or its index."""
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, list) else ()
