"""Queue outputs: what a function set, as the messages that the real host makes of it.

The real host parses what looks like JSON, and prints it again with Newtonsoft's indentation. It also rewrites what
looks like a date, which is not imitated here.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any, Final

from local.host.errors import InvocationFailed
from local.host.host_json import MessageEncoding
from local.host.protos import TypedData

LARGEST_MESSAGE: Final = 64 * 1024


def queue_messages(output: TypedData, encoding: MessageEncoding) -> Iterator[str]:
    """Yield the texts to write, one a message, encoded. InvocationFailed where the real host fails, too.

    Each is made when it is its turn: the messages before one that is too large are written, as in Azure.
    """
    for body in _bodies(output):
        yield _encoded(body, encoding)


def _bodies(output: TypedData) -> list[str | bytes]:
    match output.kind:
        case "bytes":
            return [bytes(output.value)]
        case "string" if _looks_like_json(output.value):
            return _of_token(_parse(output.value))
        case "string":
            return [str(output.value)]
        case "json":
            return _of_token(_parse(output.value))
        case kind:
            raise InvocationFailed(f"a queue output cannot be written from data of kind {kind}")


def _looks_like_json(text: str) -> bool:
    text = text.strip()
    return (text.startswith("{") and text.endswith("}")) or (text.startswith("[") and text.endswith("]"))


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as fault:
        raise InvocationFailed(f"a queue output that looks like JSON is none: {fault}") from fault


def _of_token(token: Any) -> list[str | bytes]:
    """One message an element of an array; one message for all else."""
    elements = token if isinstance(token, list) else [token]
    return [
        element if isinstance(element, str) else json.dumps(element, indent=2, ensure_ascii=False)
        for element in elements
    ]


def _encoded(body: str | bytes, encoding: MessageEncoding) -> str:
    # Half a surrogate pair, which JSON can spell, is no character: it is replaced, as .NET does.
    raw = body if isinstance(body, bytes) else body.encode(errors="replace")
    if encoding is MessageEncoding.BASE64:
        raw = base64.b64encode(raw)
    text = raw.decode(errors="replace")
    size = len(text.encode())
    if size > LARGEST_MESSAGE:
        raise InvocationFailed(f"a queue message of {size} bytes is over the limit of {LARGEST_MESSAGE}")
    return text
