"""W3C Trace Context: the trace that each invocation belongs to."""

import re
import secrets
from dataclasses import dataclass
from typing import Final, Self

_TRACEPARENT: Final = re.compile(r"00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})")


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The span that a function sees as its own."""

    traceparent: str
    tracestate: str = ""

    @classmethod
    def new(cls) -> Self:
        """Start a new trace."""
        return cls(_traceparent(secrets.token_hex(16), "00"))

    @classmethod
    def below(cls, traceparent: str | None, tracestate: str | None) -> Self:
        """Open a span in the caller's trace, or in a new trace if there is no valid one."""
        match = _TRACEPARENT.fullmatch(traceparent or "")
        if match is None:
            return cls.new()
        return cls(_traceparent(match[1], match[2]), tracestate or "")


def _traceparent(trace_id: str, flags: str) -> str:
    return f"00-{trace_id}-{secrets.token_hex(8)}-{flags}"
