"""Child processes that cannot outlive the process that started them.

A child's stdin is a pipe whose other end only this process holds. However this process ends, the pipe closes, and the
children then stop (`local.lifeline`, `exit_with_parent.js`).
"""

from __future__ import annotations

import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from time import monotonic
from typing import IO, TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_LOG_TAIL: Final = 2000

# On Linux a child may ask for a signal at its parent's death (PR_SET_PDEATHSIG). It comes at the death of the thread
# that started the child. So one thread, which lives as long as this process, starts all of them.
_starter: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="child-starter")


class ProcessFailed(Exception):
    """A child ended, or was stopped, before it was ready."""


class ChildProcess:
    """One child. Its stdout is read line by line until it is ready, then discarded. Its stderr goes to its log."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        """Start it. By default it gets this process's environment, and logs to this process's stderr."""
        self.name = name
        self._log = log
        self._lines: SimpleQueue[str | None] = SimpleQueue()
        self._is_ready = False
        self._process = _starter.submit(_start, command, environment, log).result()
        self._reader = threading.Thread(target=self._read, name=f"{name}-stdout", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def read_until(self, mark: str, *, timeout: float) -> str:
        """The first line of stdout that contains `mark`, within `timeout` seconds.

        If no such line comes, stops the child and raises ProcessFailed.
        """
        deadline = monotonic() + timeout
        try:
            while (line := self._lines.get(timeout=max(0.0, deadline - monotonic()))) is not None:
                if mark in line:
                    return line
        except Empty:
            self.kill()
            raise ProcessFailed(f"{self.name} was not ready after {timeout:g} s{self._tail()}") from None
        except BaseException:
            self.kill()
            raise
        code = self._process.wait()
        self.stop()
        raise ProcessFailed(f"{self.name} ended with code {code} before it was ready{self._tail()}")

    def ready(self) -> None:
        """Discard its output from now on."""
        self._is_ready = True

    def stop(self, *, grace: float = 10.0) -> None:
        """Ask it to stop, and kill it after `grace` seconds."""
        self._process.terminate()
        try:
            self._process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._clean_up()

    def kill(self) -> None:
        """Kill it at once (SIGKILL)."""
        self._process.kill()
        self._clean_up()

    def _clean_up(self) -> None:
        self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._reader.join()

    def _read(self) -> None:
        for line in _output(self._process):
            # Always read to the end: a child blocks when its pipe is full.
            if not self._is_ready:
                self._lines.put(line.rstrip("\n"))
        self._lines.put(None)
        _output(self._process).close()

    def _tail(self) -> str:
        if self._log is None:
            return ""
        text = self._log.read_text(encoding="utf-8", errors="replace").strip()
        return f": {text[-_LOG_TAIL:]}" if text else ""


def _start(command: Sequence[str], environment: Mapping[str, str] | None, log: Path | None) -> subprocess.Popen[str]:
    errors = log.open("ab") if log else None
    try:
        return subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C goes to a whole process group. Only this process gets it, and stops the children in order.
            start_new_session=True,
        )
    finally:
        if errors:
            errors.close()


def _output(process: subprocess.Popen[str]) -> IO[str]:
    if process.stdout is None:  # never happens: _start passes PIPE
        raise TypeError
    return process.stdout
