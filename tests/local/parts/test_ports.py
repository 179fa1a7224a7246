"""Ports for servers that come back under the same address."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from local.parts import ports

if TYPE_CHECKING:
    import pytest


def test_port_is_free_and_below_those_of_connections() -> None:
    port = ports.free_port()

    assert port < 32768
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_port_in_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = ports.free_port()
        drawn = iter([taken.getsockname()[1], free])
        monkeypatch.setattr("random.randint", lambda *_: next(drawn))

        assert ports.free_port() == free
