"""The Functions host as a part of the local system: `local.host`, or the program that QUEUE_HOST names."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, ClassVar, Final
from urllib.parse import urlsplit

from local.parts.environment import environment, python_environment, python_module
from local.parts.part import Part
from local.parts.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local.parts.processes import ChildProcess

QUEUE_HOST: Final = "QUEUE_HOST"
"""Names another host, with the options of `python -m local.host` and --python, the interpreter to run the app with. It
prints the same line when it is ready, and stops in the same way."""


def other_host() -> str | None:
    """The program to run instead of `local.host`, or None."""
    return os.environ.get(QUEUE_HOST) or None


class HostPart(Part):
    """One instance of the app. Thread-safe."""

    name: ClassVar[str] = "the Functions host"

    def __init__(
        self,
        app: Path,
        log: Path | None,
        *,
        settings: Mapping[str, str],
        function_key: str,
        arguments: Sequence[str],
        port: int | None = None,
    ) -> None:
        """`port` None takes a free port."""
        super().__init__(log)
        self.url = "" if port is None else f"http://127.0.0.1:{port}"
        self.settings = dict(settings)
        """The app settings. A change applies at the next start."""
        self._app = app
        self._function_key = function_key
        self._arguments = arguments
        self._program = other_host()
        self._lock = RLock()

    def start(self) -> None:
        """See Part."""
        with self._lock:
            super().start()

    def stop(self, *, grace: float = 10.0) -> None:
        """See Part."""
        with self._lock:
            super().stop(grace=grace)

    def kill(self) -> None:
        """See Part."""
        with self._lock:
            super().kill()

    def revive(self) -> bool:
        """Start it again if it ended by itself. Returns whether it had. Raises ProcessFailed.

        A host that was stopped, or is being started, is left alone. One that failed to start counts as ended by itself.
        """
        with self._lock:
            if self._process is None or self._process.is_running:
                return False
            self._process.stop()
            super().start()
            return True

    def children(self) -> list[int]:
        """The ids of its child processes. Only on Linux."""
        with suppress(FileNotFoundError):
            tasks = Path(f"/proc/{self.pid}/task").iterdir()
            return [int(child) for task in tasks for child in (task / "children").read_text().split()]
        return []

    def _command(self) -> Sequence[str]:
        port = str(urlsplit(self.url).port or free_port())
        # One argument each with "=", because a random key may begin with a hyphen.
        given = [f"--app={self._app}", f"--port={port}", f"--function-key={self._function_key}", *self._arguments]
        if self._program is None:
            past_runs = [] if self.log is None else [f"--past-runs={self.log.with_suffix('.timers')}"]
            return [*python_module("local.host"), *past_runs, *given]
        return [self._program, f"--python={sys.executable}", *given]

    def _environment(self) -> Mapping[str, str]:
        # Another host finds modules only in the app's own directory, not in this repository.
        return (python_environment() if self._program is None else environment()) | self.settings

    def _read(self, process: ChildProcess, timeout: float) -> None:
        self.url = json.loads(process.read_until("{", timeout=timeout))["functions"]
