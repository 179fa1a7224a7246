"""How an event looks on terminals of any width."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.text import Text

from local.client.terminal import show_event

_EVENT = {
    "time": "2026-11-23T10:00:00.000Z",
    "data": {
        "outcome": "failed",
        "reason": "authentication_failed",
        "message": "start-job-function says: The message.",
        "advice": "The advice.",
    },
}


@pytest.mark.parametrize("width", [40, 71, 72, 80, 110])
def test_nothing_of_an_event_is_cut_off(width: int) -> None:
    output = io.StringIO()

    show_event(Console(file=output, width=width, highlight=False), _EVENT, Text("Contoso Expenses #12"))

    lines = [line.strip() for line in output.getvalue().splitlines()]
    assert "failed/authentication_failed" in output.getvalue()
    assert "Contoso Expenses #12" in output.getvalue()
    assert lines[-2:] == ["The message.", "To do: The advice."]
    assert max(map(len, lines)) <= width
