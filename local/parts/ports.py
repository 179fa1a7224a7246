"""Ports on loopback for servers that stop, are killed, and start again under the same address."""

from __future__ import annotations

import errno
import random
import socket
from typing import Final

# Below the range from which systems take the port of an outgoing connection (32768 and up on Linux, 49152 elsewhere):
# such a connection could hold the port of a server that is down for a moment, and keep it from coming back.
_LEAST: Final = 15_000
_MOST: Final = 32_000


def free_port() -> int:
    """A port that nobody uses now, and no connection will by chance."""
    while True:
        port = random.randint(_LEAST, _MOST)  # noqa: S311 - spreads servers, guards nothing
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as fault:
                if fault.errno != errno.EADDRINUSE:
                    raise
            else:
                return port
