"""What a process makes once, when a function first asks: the HTTP sessions, the tokens, the ledger, the inbox.

Importing this module imports requests, azure.identity and azure.data.tables; only functions that need them do so.
"""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING

from shared.configuration import configuration
from shared.graph.client import Graph, new_session
from shared.graph.credentials import BearerTokens, quiet_azure_loggers
from shared.inbox import Inbox
from shared.ledger.connection import connect
from shared.ledger.table import LedgerTable
from shared.starting.start_job import start_job

if TYPE_CHECKING:
    from shared.event.status_event import StatusEvent
    from shared.inbox import Delivery
    from shared.recovery.message import SeenFate
    from shared.request.start_request import StartRequest
    from shared.settings import Settings
    from shared.starting.ending import Ending

_lock = Lock()
_process: Process | None = None


class Process:
    """What the functions share; used by all threads of the process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._session = new_session(settings)
        self._tokens = BearerTokens(settings.graph_scope)
        self._lock = Lock()
        self._table: LedgerTable | None = None
        self.inbox = Inbox(settings, self._graph, self._start_job)

    def follow_starts(self) -> list[SeenFate]:
        """The fates that are known now. Raises LedgerUnavailable."""
        from shared.recovery.follow import follow_starts  # which instances that only start jobs do without

        return follow_starts(self._ledger(), self._graph)

    def report_recovery(self, delivery: Delivery) -> StatusEvent | None:
        """The event for a message of the start-recovery queue. Raises TransientError."""
        from shared.recovery.report import report_recovery  # as above

        return report_recovery(delivery, self._ledger(), self._settings)

    def _start_job(self, request: StartRequest, graph: Graph, message_id: str) -> Ending:
        return start_job(request, graph, self._settings, self._ledger(), message_id=message_id)

    def _ledger(self) -> LedgerTable:
        """The ledger; made late, so that requests are given up in words even where it is not set up.

        Raises InvalidSettings.
        """
        with self._lock:
            if self._table is None:
                tables = connect(self._settings.queue_connection, os.environ, self._settings.threads)
                self._table = LedgerTable(tables.get_table_client(self._settings.ledger_table))
            return self._table

    def _graph(self) -> Graph:
        return Graph(self._settings, self._session, self._tokens)


def process() -> Process:
    """What this process shares; the first of several threads makes it."""
    global _process  # noqa: PLW0603 - the one place that holds what the process shares
    with _lock:
        if _process is None:
            quiet_azure_loggers()
            _process = Process(configuration().settings)
        return _process
