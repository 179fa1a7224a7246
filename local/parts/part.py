"""A part of the local system: one child process that can be stopped, killed, and started again where it was."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final

from local.parts.processes import ChildProcess, ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_READY_SECONDS: Final = 60.0


class Part(ABC):
    """One process. What others know of it (its addresses) stays the same when it starts again."""

    name: ClassVar[str]

    def __init__(self, log: Path | None) -> None:
        """`log` None: the process writes to this one's stderr."""
        self.log = log
        self._process: ChildProcess | None = None

    @property
    def pid(self) -> int | None:
        """The number of the process; None where there is none."""
        return self._process.pid if self._process is not None else None

    @property
    def is_running(self) -> bool:
        """Whether the process has not ended."""
        return self._process is not None and self._process.is_running

    @property
    def log_text(self) -> str:
        """What it has logged so far; nothing where it logs to this process's stderr."""
        if self.log is None or not self.log.exists():
            return ""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it, and wait until it is ready. Raises ProcessFailed."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start it without waiting; `wait` must follow."""
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
        """Ask it to stop; after `grace` seconds, make it. Nothing where it does not run."""
        if self._process is not None:
            self._process.stop(grace=grace)
            self._process = None

    def kill(self) -> None:
        """End it at once, as a crash would. Nothing where it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def restart(self) -> None:
        """Stop it in good order, and start it again."""
        self.stop()
        self.start()

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """What to run; once it has run, with the addresses that it had."""

    @abstractmethod
    def _environment(self) -> Mapping[str, str]:
        """The whole environment of the process."""

    @abstractmethod
    def _read(self, process: ChildProcess, timeout: float) -> None:
        """Read what it says about itself when it is ready. Raises ProcessFailed."""
