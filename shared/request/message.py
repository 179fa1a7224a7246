"""Queue messages: reads start requests from a message, and writes start requests as messages.

A message holds one start request, an array of them, or a bare Graph path of a job, plain or in base64. The app itself
sends base64 of JSON, which Functions apps decode by default.
"""

from __future__ import annotations

import base64
import binascii
import codecs
import contextlib
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import Fault, InvalidRequest, UnreadableMessage
from shared.json_text import parse_json, write_json
from shared.request.parse import FIELDS, Defaults, parse_start_request
from shared.request.reference import parse_guid, parse_job_path
from shared.request.start_request import RequestedBy, StartRequest, derive_request_id
from shared.text import lowered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from shared.json_text import Json

MAX_MESSAGE = 64 * 1024
"""Longest message text of Azure Queue Storage, in bytes (Microsoft Learn, "Scalability targets for Queue Storage")."""

MAX_CONTENT = MAX_MESSAGE // 4 * 3
"""Longest content whose base64 fits into a message, in bytes."""

MAX_ITEMS = 1000
"""Most start requests in one message. One invocation queues a message for each of them."""

SOURCE = "queue"
"""requestedBy.source of a request from the queue that does not say who asks."""


def encode(content: str) -> str:
    """The message text (base64) of an ASCII content. Raises ValueError if it does not fit."""
    if len(content) > MAX_CONTENT:
        raise ValueError(f"a message of {len(content)} bytes does not fit into a queue, which takes {MAX_CONTENT}")
    return base64.b64encode(content.encode("ascii")).decode("ascii")


def pack(requests: Iterable[StartRequest]) -> list[str]:
    """The message texts for the requests, as few as possible.

    One message with a hundred requests takes one write instead of a hundred. So an alert that names many jobs is
    answered before its sender's time-out. The queue function splits the message again.
    """
    return [encode(content) for content in _group([write_json(request.to_json()) for request in requests])]


def unpack(requests: Iterable[StartRequest]) -> list[str]:
    """The message texts for the requests, with one request per message."""
    return [encode(write_json(request.to_json())) for request in requests]


def _group(objects: list[str]) -> Iterator[str]:
    """JSON texts, each an object, or an array of as many objects as fit."""
    group: list[str] = []
    length = 1
    for item in objects:
        if group and length + len(item) + 1 > MAX_CONTENT:
            yield _array(group)
            group, length = [], 1
        group.append(item)
        length += len(item) + 1
    if group:
        yield _array(group)


def _array(objects: list[str]) -> str:
    return objects[0] if len(objects) == 1 else f"[{','.join(objects)}]"


def read(body: bytes, *, message_id: str, inserted: datetime) -> list[StartRequest | InvalidItem]:
    """The start requests of a message, in order, with an InvalidItem for each item that is not valid.

    `message_id` and `inserted` replace a missing id and time, so that the same message always gives the same request
    ids. Raises UnreadableMessage.
    """
    content = decode(body)
    job = parse_job_path(content)
    if job is not None:
        return [StartRequest(derive_request_id(message_id, "0"), job, RequestedBy(SOURCE), inserted)]
    try:
        value = parse_json(content)
    except ValueError as error:
        from shared.request.unreadable import looks_like  # not needed for valid messages

        hint = looks_like(content)
        raise UnreadableMessage(f"The message {error}" + (f"; it {hint}" if hint else "")) from error
    value = _taken_off(value)
    if isinstance(value, (str, int, float, bool)) or value is None:
        raise UnreadableMessage("The message is JSON, but neither an object nor an array nor a Graph path of a job")
    if value == []:
        raise UnreadableMessage("The message is an empty array: it asks for nothing")
    if not isinstance(value, list):
        return [_item(value, Defaults(derive_request_id(message_id, "0"), SOURCE, inserted), pointer="")]
    if len(value) > MAX_ITEMS:
        raise UnreadableMessage(f"The message is an array of {len(value)} items; {MAX_ITEMS} are allowed")
    items: list[StartRequest | InvalidItem] = []
    places: dict[str, int] = {}
    for index, element in enumerate(value):
        defaults = Defaults(derive_request_id(message_id, str(index)), SOURCE, inserted)
        item = _item(element, defaults, pointer=f"/{index}")
        first = places.setdefault(item.request_id, index)
        if first != index:
            # The item gets its own id, because consumers would drop the second of two events with one id.
            fault = Fault(f"/{index}/requestId", f"is the requestId of /{first} too")
            item = InvalidItem(element, InvalidRequest([fault]), defaults.request_id)
        items.append(item)
    return items


def _taken_off(value: Json) -> Json:
    """The data of one or several events of Event Grid or CloudEvents; any other value as it is."""
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, dict) or not ({"eventType", "specversion"} & first.keys()):
        return value
    from shared.request.unwrap import unwrap  # not needed for messages without events

    bodies = unwrap(value, lambda body: isinstance(body, dict) and not FIELDS.isdisjoint(body))
    carried: list[Json] = [
        {"job": body.value} if isinstance(body.value, str) and parse_job_path(body.value) else body.value
        for body in bodies
    ]
    return carried if len(carried) > 1 else carried[0]


def is_alert(value: Json) -> bool:
    """Whether the value is an alert of Azure Monitor in the common alert schema."""
    return isinstance(value, dict) and lowered(str(value.get("schemaId"))) == "azuremonitorcommonalertschema"


def _item(value: Json, defaults: Defaults, *, pointer: str) -> StartRequest | InvalidItem:
    try:
        return parse_start_request(value, defaults, pointer=pointer)
    except InvalidRequest as error:
        return InvalidItem(value, error, _request_id(value) or defaults.request_id)


class InvalidItem(NamedTuple):
    """An item of a readable message that is not a valid start request."""

    value: Json
    error: InvalidRequest
    request_id: str


def _request_id(value: Json) -> str | None:
    """The requestId in an invalid request, by which its sender can recognize the event."""
    given = value.get("requestId") if isinstance(value, dict) else None
    return parse_guid(given) if isinstance(given, str) else None


def decode(body: bytes) -> str:
    """The text of a plain or base64 message. JSON and Graph paths contain characters that base64 does not have.

    Raises UnreadableMessage.
    """
    try:
        decoded = base64.b64decode(b"".join(body.removeprefix(codecs.BOM_UTF8).split()), validate=True)
    except binascii.Error:
        decoded = b""
    if _is_utf_16(decoded):
        raise UnreadableMessage(
            "The message is base64 of UTF-16, as of Encoding.Unicode or a console's default; encode the text in UTF-8"
        )
    if decoded:
        # Decoding fails for a plain text that only looks like base64.
        with contextlib.suppress(UnicodeDecodeError):
            return decoded.decode("utf-8-sig")
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "; it is UTF-16" if _is_utf_16(body) else ""
        raise UnreadableMessage(f"The message is not UTF-8: byte {error.start} is invalid{hint}") from error


def _is_utf_16(data: bytes) -> bool:
    if b"\0" not in data:
        # UTF-16 without a zero byte has no Latin letter, so it is neither JSON nor a path.
        return False
    from shared.request.unreadable import is_utf_16  # as above

    return is_utf_16(data)
