"""The traceparent of a request, as W3C Trace Context defines it."""

from __future__ import annotations

import re

_TRACEPARENT = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
"""Version ff and ids of zeros are invalid (W3C Trace Context, "traceparent Header Field Values")."""


def parse_traceparent(text: str | None) -> str | None:
    """The text if it is a valid traceparent, or else None."""
    return text if text is not None and _TRACEPARENT.fullmatch(text) else None
