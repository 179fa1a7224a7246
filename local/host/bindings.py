"""Queue outputs: the messages that the real host makes of what a function returned.

The real host parses what looks like JSON, and writes it again with Newtonsoft's indentation. It also rewrites what
looks like a date; this host does not.
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
    """Yield the text of each message, encoded. Raises InvocationFailed where the real host fails too.

    Each message is made only when it is its turn. So messages before one that is too large are written, as in Azure.
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
        raise InvocationFailed(f"a queue output looks like JSON but is not: {fault}") from fault


def _of_token(token: Any) -> list[str | bytes]:
    """One message per element of an array, or one message for any other value."""
    elements = token if isinstance(token, list) else [token]
    return [
        element if isinstance(element, str) else json.dumps(element, indent=2, ensure_ascii=False)
        for element in elements
    ]


def _encoded(body: str | bytes, encoding: MessageEncoding) -> str:
    # JSON can spell half a surrogate pair, which is not a character. It is replaced, as in .NET.
    raw = body if isinstance(body, bytes) else body.encode(errors="replace")
    if encoding is MessageEncoding.BASE64:
        raw = base64.b64encode(raw)
    text = raw.decode(errors="replace")
    size = len(text.encode())
    if size > LARGEST_MESSAGE:
        raise InvocationFailed(f"a queue message of {size} bytes is over the limit of {LARGEST_MESSAGE}")
    return text
