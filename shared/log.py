"""Log lines, one per fact, and spans. A line is `event key=value ...`, which suits grep and Kusto's parse operator."""

from __future__ import annotations

import json
import re
import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

MAX_VALUE = 1000
"""Longest value in a line, in characters. An error may quote a whole message of another system."""

_BARE = re.compile(r"[\w.:/+@()'=,-]+", re.ASCII)


def line(event: str, **fields: object) -> str:
    """The text of a log line, without the fields of value None.

    A value that is not one plain word is written as a JSON string, so that no value can break the line or forge
    another. A long value is cut.
    """
    known = ((name, value) for name, value in fields.items() if value is not None)
    return " ".join([event, *(f"{name}={_value(value)}" for name, value in known)])


def _value(value: object) -> str:
    text = str(value)
    if len(text) > MAX_VALUE:
        text = f"{text[: MAX_VALUE - 3]}..."
    return text if _BARE.fullmatch(text) else json.dumps(text)


def span(name: str) -> AbstractContextManager[object]:
    """A span if the worker has loaded OpenTelemetry (docs/telemetry.md), or else a context that does nothing."""
    trace = sys.modules.get("opentelemetry.trace")
    return nullcontext() if trace is None else trace.get_tracer("start-job-function").start_as_current_span(name)
