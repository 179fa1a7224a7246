"""What is a traceparent."""

from __future__ import annotations

import pytest

from shared.request.traceparent import parse_traceparent

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_traceparent_is_kept_as_it_is() -> None:
    assert parse_traceparent(TRACEPARENT) == TRACEPARENT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="empty"),
        pytest.param(TRACEPARENT.upper(), id="upper case"),
        pytest.param(f"{TRACEPARENT}-00", id="too long"),
        pytest.param(f"ff{TRACEPARENT[2:]}", id="version ff"),
        pytest.param(f"00-{'0' * 32}-00f067aa0ba902b7-01", id="no trace"),
        pytest.param(f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01", id="no parent"),
    ],
)
def test_other_text_is_not_a_traceparent(text: str | None) -> None:
    assert parse_traceparent(text) is None
