"""Log lines: one a fact, `event key=value ...`, for grep and for Kusto's parse operator alike."""

from __future__ import annotations

import json
import re

MAX_VALUE = 1000
"""Longest value in a line, in characters: an error may quote a whole message of a stranger."""

_BARE = re.compile(r"[\w.:/+@()'=,-]+", re.ASCII)


def line(event: str, **fields: object) -> str:
    """The text of a log line; fields that are None are left out.

    A value that is more than one plain word is written as a JSON string: a line stays one line, whatever
    strangers put into the value, and a long value is cut.
    """
    known = ((name, value) for name, value in fields.items() if value is not None)
    return " ".join([event, *(f"{name}={_value(value)}" for name, value in known)])


def _value(value: object) -> str:
    text = str(value)
    if len(text) > MAX_VALUE:
        text = f"{text[: MAX_VALUE - 3]}..."
    return text if _BARE.fullmatch(text) else json.dumps(text)
