"""What Azure does around a Functions host: it restarts a host that ended by itself."""

from __future__ import annotations

from contextlib import suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, Final, Self

from local.parts.processes import ProcessFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.parts.host_part import HostPart

_LOOK_SECONDS: Final = 0.5


class Platform:
    """A context manager that restarts hosts while it is open, unless they were stopped on purpose.

    Microsoft's host ends after storage faults that it does not expect. `local.host` does not.
    """

    def __init__(self, hosts: Sequence[HostPart]) -> None:
        self.revivals = 0
        """How often a host was started again."""
        self._hosts = hosts
        self._over = Event()
        self._thread = Thread(target=self._watch, name="platform", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            for host in self._hosts:
                # It may fail to start while storage is still down. The next round tries again.
                with suppress(ProcessFailed):
                    self.revivals += host.revive()
