"""A part of the local system: a child process that can be stopped, killed and started again."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final

from local.parts.processes import ChildProcess, ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_READY_SECONDS: Final = 60.0


class Part(ABC):
    """One process. Its addresses stay the same when it starts again."""

    name: ClassVar[str]

    def __init__(self, log: Path | None) -> None:
        """`log` None means that the process logs to the stderr of this one."""
        self.log = log
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """The process id, or None if there is no process."""
        return self._process.pid if self._process is not None else None

    @property
    def is_running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.is_running

    @property
    def log_text(self) -> str:
        """Its log so far. Empty if it logs to the stderr of this process."""
        if self.log is None or not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it, and wait until it is ready. Raises ProcessFailed."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting. `wait` must follow."""
        if self.is_running:
            raise ProcessFailed(f"{self.name} runs already")
        self._process = ChildProcess(self.name, self._command(), environment=self._environment(), log=self.log)

    def wait(self) -> None:
        """Wait until it is ready. Raises ProcessFailed."""
        if self._process is None:
            raise ProcessFailed(f"{self.name} was not started")
        self._read(self._process, _READY_SECONDS)
        self._process.ready()

    def stop(self, *, grace: float = 10.0) -> None:
        """Ask it to stop, and kill it after `grace` seconds. Does nothing if it is not running."""
        if self._process is not None:
            self._process.stop(grace=grace)
            self._process = None

    def kill(self) -> None:
        """Kill it at once, as in a crash. Does nothing if it is not running."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def restart(self) -> None:
        """Stop it, and start it again."""
        self.stop()
        self.start()

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """What to run, with the addresses of the last run if there was one."""

    @abstractmethod
    def _environment(self) -> Mapping[str, str]:
        """The environment of the process, complete."""

    @abstractmethod
    def _read(self, process: ChildProcess, timeout: float) -> None:
        """Read the line that it prints when it is ready. Raises ProcessFailed."""
