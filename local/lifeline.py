"""When to stop: on a signal, or when the parent process dies."""

import asyncio
import ctypes
import os
import signal
import stat
import sys
import threading
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def stop_with_parent(stop: asyncio.Event) -> None:
    """Set `stop` on SIGTERM, on SIGINT, and when the parent closes this process's stdin or dies."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if is_held_by_parent():
        threading.Thread(target=_wait_for_end_of_stdin, args=(loop, stop), daemon=True).start()
    if sys.platform == "linux":
        # Linux sends the signal at the death of the thread that started this process, not only of the whole parent.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def is_held_by_parent() -> bool:
    """Whether stdin closes with the process that holds it, as a pipe or socket does. A terminal or a file does not."""
    if sys.stdin is None:
        return False
    mode = os.fstat(sys.stdin.fileno()).st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _wait_for_end_of_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(stop.set)
