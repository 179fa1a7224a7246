"""HTTP answers: JSON, and problem details (RFC 9457) where something is wrong."""

from __future__ import annotations

from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from shared.errors import MAX_FAULTS
from shared.json_text import write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from http import HTTPStatus

    from shared.errors import Fault


class Answer(NamedTuple):
    """What an HTTP client gets."""

    status: HTTPStatus
    content_type: str
    body: str
    headers: Mapping[str, str] = MappingProxyType({})


def answer(status: HTTPStatus, value: object) -> Answer:
    """A JSON answer."""
    return Answer(status, "application/json", write_json(value))


def problem(status: HTTPStatus, detail: str, faults: Iterable[Fault] = ()) -> Answer:
    """A problem, with each fault and the JSON Pointer (as a URI fragment) of its place."""
    value: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    errors = [{"pointer": f"#{quote(fault.pointer)}", "detail": fault.detail} for fault in islice(faults, MAX_FAULTS)]
    if errors:
        value["errors"] = errors
    return Answer(status, "application/problem+json", write_json(value))
