"""When `python -m local` ends: on Ctrl-C, on a signal, or when its parent ends. Each raises KeyboardInterrupt."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from time import sleep
from typing import Final

from local.lifeline import is_held_by_parent

_LOOK_SECONDS: Final = 0.5


def end_when_told() -> None:
    """Raise KeyboardInterrupt in the main thread on SIGINT, SIGTERM and SIGHUP, and when the parent is gone.

    A shell without job control starts background commands (`… &`) with SIGINT ignored, and nohup ignores SIGHUP. Such a
    process is meant to outlive its parent, so it does not watch it.
    """
    outlives = signal.SIG_IGN in (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGHUP))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    if not outlives:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    # If the other end of stdin is closed already, stdin says nothing about the parent.
    watches_stdin = is_held_by_parent() and not _is_hung_up()
    while os.getppid() == parent and not (watches_stdin and _is_hung_up()):
        sleep(_LOOK_SECONDS)
    # Sent to the process, not this thread, to wake the main thread.
    os.kill(os.getpid(), signal.SIGTERM)


def _is_hung_up() -> bool:
    """Whether the other end of stdin is closed. Nothing is read, because the data may be for another reader."""
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)
    return bool(poll.poll(0))
