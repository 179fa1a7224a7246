"""Trace context of an invocation."""

import re

import pytest

from local.host.trace_context import TraceContext

_VALID = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")


def test_callers_trace_continues_in_a_new_span() -> None:
    caller = f"00-{'a' * 32}-{'b' * 16}-01"

    trace = TraceContext.below(caller, "vendor=1")

    assert _VALID.fullmatch(trace.traceparent)
    assert trace.traceparent.split("-")[1] == "a" * 32
    assert trace.traceparent != caller
    assert trace.tracestate == "vendor=1"


@pytest.mark.parametrize(
    "traceparent", [None, "", "00-abc", f"00-{'0' * 32}-{'b' * 16}-01", f"00-{'a' * 32}-{'0' * 16}-01"]
)
def test_new_trace_if_there_is_no_valid_one(traceparent: str | None) -> None:
    trace = TraceContext.below(traceparent, "vendor=1")

    assert _VALID.fullmatch(trace.traceparent)
    assert trace.tracestate == ""
