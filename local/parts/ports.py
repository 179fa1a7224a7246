"""Ports on loopback for servers that stop and start again at the same address."""

from __future__ import annotations

import errno
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import Final

# Below the range of ephemeral ports (32768 and up on Linux, 49152 elsewhere). Otherwise an outgoing connection could
# take the port of a server that is down for a moment.
_LEAST: Final = 15_000
_MOST: Final = 32_000


# A random source of its own: tests seed the shared one, and two of them would try the same ports.
_chance: Final = random.SystemRandom()


def free_port() -> int:
    """A port that is free now, outside the ephemeral range, and not reserved by another process."""
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
    """Reserve the port until this process ends, so that systems that start at the same time do not take it."""
    folder = Path(tempfile.gettempdir()) / f"start-job-function-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    held = os.open(folder / str(port), os.O_CREAT | os.O_RDWR)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return False
    return True
