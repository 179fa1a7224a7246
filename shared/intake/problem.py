"""HTTP answers: JSON, and problem details (RFC 9457) for errors."""

from __future__ import annotations

from http import HTTPStatus
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from shared.errors import MAX_FAULTS
from shared.json_text import write_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.errors import Fault, SettingFault


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
    """Problem details, with each fault and the JSON Pointer (as a URI fragment) of its place."""
    errors = [{"pointer": f"#{quote(fault.pointer)}", "detail": fault.detail} for fault in islice(faults, MAX_FAULTS)]
    return _problem(status, detail, errors)


def wrong_settings(faults: Iterable[SettingFault]) -> Answer:
    """The answer (503) to a request that the app can't accept until its settings are corrected."""
    errors = [{"setting": fault.settings[0], "detail": fault.text} for fault in islice(faults, MAX_FAULTS)]
    names = ", ".join(dict.fromkeys(error["setting"] for error in errors))
    detail = f"Nothing can be taken before the app's settings are corrected: {names}. Send this again then."
    return _problem(HTTPStatus.SERVICE_UNAVAILABLE, detail, errors)


def _problem(status: HTTPStatus, detail: str, errors: list[dict[str, str]]) -> Answer:
    value: dict[str, object] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
    }
    if errors:
        value["errors"] = errors
    return Answer(status, "application/problem+json", write_json(value))
