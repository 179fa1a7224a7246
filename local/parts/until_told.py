"""When `python -m local` ends: by Ctrl-C, a signal, or the end of who started it; all become a KeyboardInterrupt."""

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

    A shell without job control starts what it puts into the background (`… &`) with SIGINT ignored, and nohup ignores
    SIGHUP: what is started so is meant to outlive its parent, and does.
    """
    outlives = signal.SIG_IGN in (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGHUP))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    if not outlives:
        threading.Thread(target=_end_with_parent, args=(os.getppid(),), daemon=True).start()


def _end_with_parent(parent: int) -> None:
    # A stdin whose other end is closed already says nothing about the parent.
    watches_stdin = is_held_by_parent() and not _is_hung_up()
    while os.getppid() == parent and not (watches_stdin and _is_hung_up()):
        sleep(_LOOK_SECONDS)
    # To the process, not to this thread: the main thread must wake up.
    os.kill(os.getpid(), signal.SIGTERM)


def _is_hung_up() -> bool:
    """Whether nobody holds the other end of stdin; nothing is read, it may be meant for others."""
    poll = select.poll()
    poll.register(sys.stdin.fileno(), 0)
    return bool(poll.poll(0))
