"""JSON text to values and back, strictly: what two readers could understand differently is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from shared.start_request import Json


def parse_json(text: bytes | str) -> Json:
    """The value of a JSON text (RFC 8259) in UTF-8.

    Raises ValueError, with a sentence for people, for what is no JSON, and for duplicate names, NaN, Infinity
    and nesting too deep to read.
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        value: Json = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: byte {error.start} is invalid") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("is JSON nested too deeply") from error
    return value


def write_json(value: object) -> str:
    """The shortest JSON text of a value, in ASCII."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"is ambiguous JSON: the name {twice[:80]!r} stands twice in one object")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"is not JSON: {name} is no JSON number")
