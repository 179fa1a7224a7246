"""Ports for servers that start again at the same address."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

from local.parts import ports
from local.parts.environment import REPOSITORY

if TYPE_CHECKING:
    import pytest


def test_port_is_free_and_below_those_of_connections() -> None:
    port = ports.free_port()

    assert port < 32768
    with socket.create_server(("127.0.0.1", port)):
        pass


def test_port_in_use_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    other = ports.free_port() + 1
    with socket.create_server(("127.0.0.1", 0)) as taken:
        draws(monkeypatch, taken.getsockname()[1], other)

        assert ports.free_port() == other


def test_port_that_another_system_starts_on_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "from local.parts.ports import free_port; print(free_port(), flush=True); input()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        assert process.stdout is not None
        reserved = int(process.stdout.readline())
        other = ports.free_port()
        draws(monkeypatch, reserved, reserved, other + 1)

        drawn = ports.free_port()
        process.communicate("\n")

    assert drawn == other + 1


def draws(monkeypatch: pytest.MonkeyPatch, *drawn: int) -> None:
    following = iter(drawn)
    monkeypatch.setattr(random.SystemRandom, "randint", lambda *_: next(following))
