"""Senders whose bodies are fixed can't carry a start request: the whole payload is searched for job references."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.sources.place import ROOT
from shared.sources.references import NAMES, References
from shared.sources.source import Found, Ignored, NoReference

if TYPE_CHECKING:
    from shared.sources.place import Place
    from shared.sources.source import Payload, Reading
    from shared.start_request import Json, RequestedBy

MAX_DEPTH = 64
MAX_VALUES = 100_000
"""How much of a payload is searched; no system sends as much of either."""


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
    cut = False
    while waiting:
        current, place, depth = waiting.pop()
        searched += 1
        if searched > MAX_VALUES:
            references.fault(ROOT, f"has more than {MAX_VALUES} values; the rest was not searched")
            break
        if isinstance(current, str):
            references.add_text(current, place)
            continue
        children = _children(current, place)
        if children and depth == MAX_DEPTH:
            cut = True
            continue
        if isinstance(current, dict) and any(name.lower() in NAMES for name in current):
            references.add_fields(children, bare_app_id=False)
        waiting.extend((item, inside, depth + 1) for _, item, inside in reversed(children))
    if cut:
        references.fault(ROOT, f"is nested deeper than {MAX_DEPTH} levels; what is below was not searched")
    return references


def _children(value: Json, place: Place) -> list[tuple[str, Json, Place]]:
    """Name, value and place of what stands in an object or an array."""
    if isinstance(value, dict):
        return [(name, item, place / name) for name, item in value.items()]
    if isinstance(value, list):
        return [("", item, place / index) for index, item in enumerate(value)]
    return []
