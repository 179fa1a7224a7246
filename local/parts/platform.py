"""What Azure does around a Functions host: it starts a host again that has ended by itself."""

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
    """A context manager: inside it, no host stays down that nobody stopped.

    Microsoft's host ends at faults of storage that it does not expect. `local.host` does not, and needs none of this.
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
                # One that does not come up, for storage is still away, is tried again.
                with suppress(ProcessFailed):
                    self.revivals += host.revive()
