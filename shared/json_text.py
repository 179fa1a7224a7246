"""Parses and writes JSON, and refuses text that two parsers could understand differently."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from collections.abc import Mapping

    type Json = Mapping[str, Json] | list[Json] | str | int | float | bool | None

MAX_DIGITS = 400
"""Most digits of an integer. No field of a request or of a sender's payload comes near it."""

MAX_VALUES = 100_000
"""Most values in a text: five times as many as a thousand complete start requests have. An empty value takes two bytes
of a body, and thirty times as much memory."""

MAX_DEPTH = 100
"""Deepest nesting of objects and arrays: far less than exhausts a thread's stack."""

_MARK = r'(?s)"(?:[^"\\]++|\\.)*+"?|([,\[{])'
"""A string, whose content does not count, or a character before a value. Compiled if a text may have too many."""


def parse_json(text: bytes | str) -> Json:
    """The value of a JSON text (RFC 8259) in UTF-8.

    Raises ValueError for text that is not JSON, and for duplicate names, NaN and numbers out of range. Raises it also
    for halves of surrogate pairs, and for too many or too deeply nested values. The error's text completes a sentence
    that begins with the name of the text, such as "The body".
    """
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        if not text.strip():
            raise ValueError("is empty")
        _refuse_many_values(text)
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_int=_integer, parse_float=_float, parse_constant=_refuse_constant
        )
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: byte {error.start} is invalid") from error
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at")
        raise ValueError(f"is not JSON: {what} at line {error.lineno}, column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("is JSON nested too deeply") from error
    _check(value)
    return value


def write_json(value: object) -> str:
    """The shortest JSON text of a value, in ASCII."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def known[T](fields: Mapping[str, T | None]) -> dict[str, T]:
    """The members whose value is not None: an unknown value is written as an absent member."""
    return {name: value for name, value in fields.items() if value is not None}


def _check(value: Json) -> None:
    """Refuse what JSON's grammar allows but other parsers can't handle. Works level by level, without recursion."""
    level: list[Json] = [value]
    depth = 0
    while level:
        if depth > MAX_DEPTH:
            raise ValueError("is JSON nested too deeply")
        below: list[Json] = []
        for item in level:
            if isinstance(item, str):
                _refuse_half_characters(item)
            elif isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
        level = below
        depth += 1


def _refuse_many_values(text: str) -> None:
    """Refuse a text with too many values before it takes memory. Counts commas and opening brackets outside strings."""
    if sum(map(text.count, ",[{")) <= MAX_VALUES:
        return
    count = 0
    for match in re.finditer(_MARK, text):
        count += match.lastindex is not None
        if count > MAX_VALUES:
            raise ValueError(f"has too many values to be read; {MAX_VALUES} are allowed")


def _refuse_half_characters(text: str) -> None:
    """Refuse half of a surrogate pair, which JSON can write but UTF-8 can't (RFC 8259, section 8.2)."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        raise ValueError(f"has half a character in a string: {half} without the other half") from error


def _object(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        # Counter is linear. To count name by name is quadratic, and the sender chooses how many names there are.
        (twice, _), *_ = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"is ambiguous JSON: the name {twice[:80]!r} is twice in one object")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"has a number of {len(text)} digits; {MAX_DIGITS} are allowed")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError(f"has the number {text[:40]}, which is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"is not JSON: {name} is not a JSON number")
