"""Removes what other services wrap around a sender's body, one layer after another.

Logic Apps and Power Automate pass on {headers, body} or {$content-type, $content}. Event Grid and CloudEvents have the
body as data. Some systems write JSON into a string, or put an array around it.

Sources of the shapes: Microsoft Learn, "Azure Event Grid event schema"; CloudEvents 1.0, "JSON Event Format"; Microsoft
Learn, "Workflow Definition Language".
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, NamedTuple

from shared.json_text import parse_json
from shared.text import lowered

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.json_text import Json

MAX_LAYERS = 20
"""Most layers that are removed."""
MAX_BODIES = 100
"""Most bodies in one value."""

VALIDATION = "Microsoft.EventGrid.SubscriptionValidationEvent"
"""The type of the event with which Event Grid validates the endpoint of a new subscription."""

_OF_HTTP = frozenset({"headers", "body", "statuscode", "queries", "method", "relativepathparameters", "uri", "path"})
_NAMES = frozenset(
    {
        "body",
        "data",
        "payload",
        "alert",
        "event",
        "message",
        "content",
        "value",
        "input",
        "properties",
        "commonalertschema",
    }
)
"""Names of a body that is the only member of an object."""


class Unwrapped(NamedTuple):
    """A body, and the JSON Pointer of its place in the received value."""

    value: Json
    pointer: str


def unwrap(value: Json, knows: Callable[[Json], bool]) -> list[Unwrapped]:
    """The bodies in a value, at most MAX_BODIES, or else the value itself. `knows` tells whether a value is a body."""
    found: list[Unwrapped] = []
    waiting = [(value, "", 0)]
    while waiting and len(found) < MAX_BODIES:
        current, pointer, layers = waiting.pop()
        inner = [] if knows(current) or layers == MAX_LAYERS else _layers(current, knows)
        if not inner:
            found.append(Unwrapped(current, pointer))
        waiting += [(item, pointer + below, layers + 1) for item, below in reversed(inner[:MAX_BODIES])]
    return found


def validation_code(value: Json) -> str | None:
    """The code that Event Grid expects back before it sends events; None if the value is not a validation event."""
    event = value[0] if isinstance(value, list) and value else value
    if not isinstance(event, dict) or event.get("eventType") != VALIDATION:
        return None
    data = event.get("data")
    code = data.get("validationCode") if isinstance(data, dict) else None
    return code if isinstance(code, str) else None


def _layers(value: Json, knows: Callable[[Json], bool]) -> list[tuple[Json, str]]:
    """The content of a wrapper, with its JSON Pointer in it; empty if the value is not a wrapper."""
    if isinstance(value, str):
        return _parsed(value, "")
    if isinstance(value, list):
        is_wrapped = bool(value) and all(knows(item) or _layers(item, knows) for item in value[:MAX_BODIES])
        return [(item, f"/{index}") for index, item in enumerate(value)] if is_wrapped else []
    if not isinstance(value, dict):
        return []
    if isinstance(content := value.get("$content"), str):
        return _decoded(content, "/$content")
    if "specversion" in value and isinstance(content := value.get("data_base64"), str):
        return _decoded(content, "/data_base64")
    if ("specversion" in value or "eventType" in value) and "data" in value:
        return _held(value, "data")
    if "body" in value and set(map(lowered, value)) <= _OF_HTTP:
        return _held(value, "body")
    if len(value) == 1 and lowered(name := next(iter(value))) in _NAMES:
        return _held(value, name)
    return []


def _held(value: Json, name: str) -> list[tuple[Json, str]]:
    inner = value[name] if isinstance(value, dict) else None
    return [(inner, f"/{name}")] if isinstance(inner, (dict, list, str)) else []


def _decoded(content: str, pointer: str) -> list[tuple[Json, str]]:
    try:
        return _parsed(base64.b64decode(content, validate=True), pointer)
    except (binascii.Error, ValueError):
        return []


def _parsed(text: bytes | str, pointer: str) -> list[tuple[Json, str]]:
    try:
        inner = parse_json(text)
    except ValueError:
        return []
    return [(inner, pointer)] if isinstance(inner, (dict, list, str)) else []
