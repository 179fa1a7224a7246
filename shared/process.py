"""What a process makes once, when a function first asks: the HTTP sessions, the tokens, the ledger, the inbox.

Importing this module imports requests, azure.identity and azure.data.tables; only functions that need them do so.
"""

from __future__ import annotations

import logging
import os
from threading import Lock
from typing import TYPE_CHECKING

from azure.data.tables import TableServiceClient

from shared.configuration import configuration
from shared.errors import InvalidSettings, TransientError
from shared.graph.client import Graph, new_session
from shared.graph.credentials import BearerTokens, quiet_azure_loggers
from shared.inbox import Inbox, Work
from shared.ledger.connection import connect
from shared.ledger.table import LedgerTable
from shared.log import line
from shared.starting.start_job import start_job
from shared.waiting.services import Services

if TYPE_CHECKING:
    from datetime import timedelta

    from shared.event.status_event import StatusEvent
    from shared.inbox import Delivery
    from shared.ledger.entry import Start
    from shared.recovery.message import SeenFate
    from shared.request.start_request import StartRequest
    from shared.settings import Settings
    from shared.starting.ending import Ending
    from shared.waiting.requests_queue import RequestsQueue

_log = logging.getLogger(__name__)
_lock = Lock()
_process: Process | None = None


class Process:
    """What the functions share; used by all threads of the process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._services = Services()
        self._session = new_session(settings)
        self._tokens = BearerTokens.of_app(settings.graph_scope, self._services.identity)
        self._lock = Lock()
        self._table: LedgerTable | None = None
        self._queue: RequestsQueue | None = None
        work = Work(self._graph, self._start_job, self._put_back, self._started)
        self.inbox = Inbox(settings, work, self._services)

    def follow_starts(self) -> list[SeenFate]:
        """The fates that are known now. Raises LedgerUnavailable."""
        from shared.recovery.follow import follow_starts  # which instances that only start jobs do without

        return follow_starts(self._ledger(), self._graph)

    def look_at_queue(self) -> None:
        """Log it where start requests lie untouched. Raises InvalidSettings."""
        from shared.waiting.standing_still import look_at  # as above

        look_at(self._requests_queue())

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
                tables = connect(
                    TableServiceClient,
                    "table",
                    self._settings.queue_connection,
                    os.environ,
                    threads=self._settings.threads,
                    identity=self._services.identity,
                )
                table = tables.get_table_client(self._settings.ledger_table)
                self._table = LedgerTable(table, self._services.ledger)
            return self._table

    def _requests_queue(self) -> RequestsQueue:
        """The queue of requests. Raises InvalidSettings."""
        from shared.waiting.requests_queue import RequestsQueue  # which instances do without where nothing waits

        with self._lock:
            if self._queue is None:
                self._queue = RequestsQueue.of(self._settings, os.environ, self._services.identity)
            return self._queue

    def _put_back(self, text: str, gap: timedelta) -> None:
        self._requests_queue().put(text, gap)

    def _started(self, request: StartRequest) -> Start | None:
        """The start that the ledger knows of this very request."""
        if request.job.service_principal_id is None or request.job.job_id is None:
            return None
        try:
            entry = self._ledger().get(request.job)
        except (TransientError, InvalidSettings) as error:
            _log.warning(line("ledger_not_asked", requestId=request.request_id, error=error))
            return None
        return entry.start_of(request) if entry is not None else None

    def _graph(self, request_id: str | None = None) -> Graph:
        return Graph(self._settings, self._session, self._tokens, self._services.graph, request_id)


def process() -> Process:
    """What this process shares; the first of several threads makes it."""
    global _process  # noqa: PLW0603 - the one place that holds what the process shares
    with _lock:
        if _process is None:
            quiet_azure_loggers()
            _process = Process(configuration().settings)
        return _process
