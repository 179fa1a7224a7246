"""The display names of enterprise applications, which tell people more than ids do.

A name is read from Graph once, which needs Application.Read.All. It is kept in the ledger's table and by each process.
A row as a storage browser shows it; RowKey is the object id:

    PartitionKey  applications
    RowKey        6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11
    DisplayName   Contoso ServiceNow (production)

A row is removed like a ledger entry that has not changed for a long time. If a name can't be read, the event has none,
and nothing else changes.
"""

from __future__ import annotations

import logging
import time
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from shared.errors import AppError, GraphRefused
from shared.log import line
from shared.text import shorten, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.event.status_event import StatusEvent

MAX_NAME = 120
"""Longest name, in characters; Graph allows 256."""

MAX_KEPT = 5000
"""Most names that a process keeps."""

QUIET = 3600.0
"""Seconds without further calls after Graph or the ledger's table refused, or did not answer."""

_log = logging.getLogger(__name__)


class Names(Protocol):
    """Stores names: the ledger's table. Every method raises LedgerUnavailable."""

    def application_name(self, principal: str) -> str | None:
        """The stored name, or None."""
        ...

    def keep_application_name(self, principal: str, name: str) -> None:
        """Store a name."""
        ...


class ApplicationNames:
    """The names that a process knows. Used by all threads of the process."""

    def __init__(
        self,
        read: Callable[[str], str | None],
        kept: Callable[[], Names],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`read` gets the name of a service principal from Graph."""
        self._read = read
        self._kept = kept
        self._clock = clock
        self._lock = Lock()
        self._names: dict[str, str] = {}
        self._quiet_until = 0.0

    def named(self, events: Iterable[StatusEvent]) -> list[StatusEvent]:
        """The events, each with the name of its application if that is known."""
        return [self._named(event) for event in events]

    def _named(self, event: StatusEvent) -> StatusEvent:
        principal = event.job.service_principal_id if event.job is not None else None
        name = self._name(principal) if principal is not None else None
        return event if name is None else event._replace(application=name)

    def _name(self, principal: str) -> str | None:
        with self._lock:
            if principal in self._names or self._clock() < self._quiet_until:
                return self._names.get(principal)
        try:
            kept = self._kept()
            name = kept.application_name(principal)
            if name is None:
                name = _clean(self._read(principal))
                if name is not None:
                    kept.keep_application_name(principal, name)
        except AppError as error:
            if not isinstance(error, GraphRefused) or error.status != _NOT_FOUND:
                with self._lock:
                    self._quiet_until = self._clock() + QUIET
            _log.info(line("application_name_unknown", servicePrincipalId=principal, error=error))
            return None
        with self._lock:
            if name is not None and len(self._names) < MAX_KEPT:
                self._names[principal] = name
        return name


_NOT_FOUND = 404


def _clean(name: str | None) -> str | None:
    """The name in one line, with control characters as escapes; None if it is empty."""
    return shorten(visible(" ".join((name or "").split())), MAX_NAME) or None
