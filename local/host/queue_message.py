"""Converts a message from the queue to what the worker takes: body and trigger metadata."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from azure.storage.queue import QueueMessage

from local.host.host_json import MessageEncoding
from local.host.protos import TypedData


class Undecodable(ValueError):
    """The text of the message is not base64, though host.json says so."""


def decode(message: QueueMessage, encoding: MessageEncoding, *, binary: bool) -> TypedData:
    """The body: bytes if the binding asks for them, else a string. Raises Undecodable if it is not base64."""
    text = str(message.content or "")
    if encoding is MessageEncoding.NONE:
        return TypedData(bytes=text.encode()) if binary else TypedData(string=text)
    try:
        body = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Undecodable(str(fault)) from fault
    return TypedData(bytes=body) if binary else TypedData(string=body.decode(errors="replace"))


def trigger_metadata(message: QueueMessage, body: TypedData) -> dict[str, TypedData]:
    """The metadata of a message, as the real host gives it.

    Top-level properties of a JSON body replace metadata of the same name in any case: the message {"id": "a"} has the
    id "a".
    """
    metadata = {
        "QueueTrigger": body,
        "Id": TypedData(string=message.id),
        "DequeueCount": TypedData(json=json.dumps(message.dequeue_count)),
        "InsertionTime": _time(message.inserted_on),
        "ExpirationTime": _time(message.expires_on),
        "NextVisibleTime": _time(message.next_visible_on),
        "PopReceipt": TypedData(string=message.pop_receipt),
    }
    names = {name.lower(): name for name in metadata}
    for name, value in _top_level_properties(body).items():
        metadata[names.get(name.lower(), name)] = TypedData(
            string=value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        )
    return metadata


def _top_level_properties(body: TypedData) -> dict[str, Any]:
    if body.kind != "string" or not body.value.lstrip().startswith("{"):
        return {}
    try:
        document = json.loads(body.value)
    except ValueError:
        # A message does not have to be JSON.
        return {}
    return {name: value for name, value in document.items() if value is not None and not isinstance(value, list)}


def _time(moment: datetime | None) -> TypedData:
    return TypedData(json=json.dumps(moment.isoformat() if moment else None))
