"""Ports on loopback for servers that stop, are killed, and start again under the same address."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Final

# Below the range from which systems take the port of an outgoing connection (32768 and up on Linux, 49152 elsewhere):
# such a connection could hold the port of a server that is down for a moment, and keep it from coming back.
_LEAST: Final = 15_000
_MOST: Final = 32_000


# Its own source of chance: tests seed the common one, and two of them at once would ask for the same ports.
_chance: Final = random.SystemRandom()


def free_port() -> int:
    """A port that nobody uses now, that no connection will have by chance, and that no other process is given."""
    while True:
        port = _chance.randint(_LEAST, _MOST)
        if _is_free(port) and _reserve(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as fault:
            if fault.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def _reserve(port: int) -> bool:
    """Keep the port from other systems that start at the same moment, until this process ends: then its locks go."""
    folder = Path(tempfile.gettempdir()) / f"start-job-function-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    held = os.open(folder / str(port), os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return False
    return True
