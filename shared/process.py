"""What a process makes once, when a function first needs it: the HTTP sessions, the tokens, the ledger, the inbox.

Importing this module imports requests, azure.identity and azure.data.tables. Only functions that need these import it.
"""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TYPE_CHECKING

from azure.data.tables import TableServiceClient

from shared.configuration import Use, configuration
from shared.errors import TransientError
from shared.graph.client import Graph, new_session
from shared.graph.credentials import BearerTokens, quiet_azure_loggers
from shared.inbox import Inbox, Work
from shared.ledger.connection import connect
from shared.ledger.table import RUNS, TARGETS, LedgerTable
from shared.log import line
from shared.starting.start_job import start_job
from shared.text import shorten
from shared.waiting.gate import SHARE_OF_PATIENCE
from shared.waiting.services import Services

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.configuration import Configuration
    from shared.event.application_names import ApplicationNames
    from shared.event.status_event import StatusEvent
    from shared.inbox import Delivery
    from shared.ledger.entry import Start
    from shared.notices.post import PostOffice
    from shared.notices.target import Target
    from shared.request.start_request import StartRequest
    from shared.starting.ending import Ending
    from shared.status.table import StatusTable
    from shared.waiting.delayed_queue import DelayedQueue
    from shared.waiting.requests_queue import RequestsQueue

MOST_REMOVED = 5000
"""Most old events that one run of the timer removes: 50 calls."""

_log = logging.getLogger(__name__)
_lock = Lock()
_process: Process | None = None


class Process:
    """What all functions share. Used by all threads of the process."""

    def __init__(self, set_up: Configuration) -> None:
        self._set_up = set_up
        settings = self._settings = set_up.settings
        self._services = Services(longest_pause=settings.give_up_after.total_seconds() / SHARE_OF_PATIENCE)
        self._session = new_session(settings)
        self._tokens = BearerTokens.of_app(settings.graph_scope, self._services.identity)
        self._lock = Lock()
        self._tables: TableServiceClient | None = None
        self._table: LedgerTable | None = None
        self._status: StatusTable | None = None
        self._post_office: PostOffice | None = None
        self._queues: dict[str, DelayedQueue] = {}
        self._names: ApplicationNames | None = None
        self._queue: RequestsQueue | None = None
        work = Work(self._graph, self._start_job, self._put_back, self._started)
        self.inbox = Inbox(settings, work, self._services)

    def follow_starts(self, join: Callable[[], None]) -> None:
        """Send an event for each start whose result is now known. `join` is called in each thread.

        Raises LedgerUnavailable or InvalidSettings.
        """
        from shared.recovery.follow import follow_starts  # not needed to start jobs
        from shared.recovery.report import Reporter

        self._set_up.require(Use.FOLLOWING)
        ledger = self._ledger()
        self._delayed_queue(self._settings.start_status_queue)  # raises before any job is read
        follow_starts(ledger, self._graph, Reporter(ledger, self._tell, self._settings.site_name), join=join)
        self._note(RUNS, "follow_starts", {})

    def _tell(self, event: StatusEvent) -> None:
        """Put an event on its queue, and its notices on theirs. Raises TransientError or InvalidSettings."""
        if self._settings.application_names:
            (event,) = self.named([event])
        self._delayed_queue(self._settings.start_status_queue).send(event.to_message())
        if self._settings.status_table is not None:
            self.keep_status([event])
        set_up = self._set_up.notices
        if set_up is not None:
            from shared.notices.notice import notices_of  # not needed without targets

            for notice in notices_of([event], set_up):
                self._delayed_queue(self._settings.start_notices_queue).send(notice.to_message())

    def watch_jobs(self) -> list[StatusEvent]:
        """Check the watched jobs. Returns events about what a person must know.

        Raises LedgerUnavailable or InvalidSettings.
        """
        from shared.graph.batch import BatchingGraph  # not needed without WATCH
        from shared.request.message import unpack
        from shared.watching.run import watch

        def put(request: StartRequest) -> None:
            (text,) = unpack([request])
            self._put_back(text, timedelta(0))

        self._set_up.require(Use.STARTS)
        graph = BatchingGraph(self._settings, self._session, self._tokens, self._services.graph, "watch")
        return watch(self._settings, graph, self._ledger(), put)

    def note_dealt(self, events: Iterable[StatusEvent]) -> None:
        """Record for the watch which jobs were held, and whose requests failed."""
        from shared.watching.dealt import note  # as above

        note(events, self._ledger)

    def look_at_queue(self) -> None:
        """Log an error if start requests have waited too long for a worker. Raises InvalidSettings."""
        from shared.waiting.standing_still import look_at  # as above

        if not self._set_up.faults_of(Use.INTAKE):
            look_at(self._requests_queue())

    def named(self, events: Iterable[StatusEvent]) -> list[StatusEvent]:
        """The events, with the names of their applications if these can be read."""
        from shared.event.application_names import ApplicationNames  # not needed without APPLICATION_NAMES

        if self._set_up.faults_of(Use.STARTS):
            return list(events)
        with self._lock:
            if self._names is None:
                self._names = ApplicationNames(lambda principal: self._graph().display_name(principal), self._ledger)
        return self._names.named(events)

    def keep_status(self, events: Iterable[StatusEvent]) -> None:
        """Write events to the status table. A failure is logged, and stops nothing else."""
        try:
            self.status_table().keep(events)
        except Exception as error:  # noqa: BLE001 - the work is done, and its event must go out
            _log.warning(line("status_not_kept", error=error))

    def remove_old_statuses(self) -> None:
        """Remove expired events from the status table. A failure is logged."""
        try:
            removed = self.status_table().remove_old(datetime.now(UTC), MOST_REMOVED)
        except Exception as error:  # noqa: BLE001 - as above
            _log.warning(line("statuses_not_removed", error=error))
        else:
            _log.info(line("statuses_removed", events=removed))

    def status_table(self) -> StatusTable:
        """The status table. Raises InvalidSettings."""
        from shared.status.table import StatusTable  # not needed without STATUS_TABLE

        tables = self._table_service()
        with self._lock:
            if self._status is None:
                table = tables.get_table_client(self._settings.status_table or "")
                self._status = StatusTable(table, self._services.status)
            return self._status

    def send_notice(self, delivery: Delivery) -> None:
        """Deliver a message of the start-notices queue. Raises TransientError."""
        again = self._post().handle(delivery.body, dequeue_count=delivery.dequeue_count)
        if again is not None:
            queue = self._delayed_queue(self._settings.start_notices_queue)
            queue.put(again.notice.to_message(), timedelta(seconds=again.seconds))

    def _post(self) -> PostOffice:
        """The post office, made when first needed, because only one function uses it."""
        from shared.notices.post import PostOffice  # not needed by other functions
        from shared.notices.set_up import NoticeSettings

        with self._lock:
            if self._post_office is None:
                self._post_office = PostOffice(
                    self._settings, self._set_up.notices or NoticeSettings(), answered=self._note_answer
                )
            return self._post_office

    def _note_answer(self, target: Target, refusal: str | None) -> None:
        """Record a target's answer for the health check."""
        name = f"{target} {'delivered' if refusal is None else 'refused'}"
        self._note(TARGETS, name, {} if refusal is None else {"Error": shorten(refusal)})

    def _note(self, partition: str, name: str, columns: dict[str, str]) -> None:
        try:
            self._ledger().note(partition, name, columns)
        except TransientError as error:
            _log.info(line("not_noted", what=name, error=error))

    def _start_job(self, request: StartRequest, graph: Graph, message_id: str) -> Ending:
        self._set_up.require(Use.STARTS)
        return start_job(request, graph, self._settings, self._ledger(), message_id=message_id)

    def _ledger(self) -> LedgerTable:
        """The ledger, made when first needed, so that a wrong setting does not stop the reports of given-up requests.

        Raises InvalidSettings.
        """
        self._set_up.require(Use.LEDGER)
        tables = self._table_service()
        with self._lock:
            if self._table is None:
                table = tables.get_table_client(self._settings.ledger_table)
                self._table = LedgerTable(table, self._services.ledger)
            return self._table

    def _table_service(self) -> TableServiceClient:
        """The client for the account's tables. Raises InvalidSettings."""
        with self._lock:
            if self._tables is None:
                self._tables = connect(
                    TableServiceClient,
                    "table",
                    self._settings.queue_connection,
                    os.environ,
                    threads=self._settings.threads,
                    identity=self._services.identity,
                )
            return self._tables

    def _requests_queue(self) -> RequestsQueue:
        """The start-requests queue. Raises InvalidSettings."""
        from shared.waiting.requests_queue import RequestsQueue  # not needed if no request waits

        with self._lock:
            if self._queue is None:
                self._queue = RequestsQueue.of(
                    self._settings, os.environ, self._services.identity, self._settings.start_requests_queue
                )
            return self._queue

    def _delayed_queue(self, name: str) -> DelayedQueue:
        """The queue with that name. Raises InvalidSettings."""
        from shared.waiting.delayed_queue import DelayedQueue  # as above

        with self._lock:
            if name not in self._queues:
                self._queues[name] = DelayedQueue.of(self._settings, os.environ, self._services.identity, name)
            return self._queues[name]

    def _put_back(self, text: str, gap: timedelta) -> None:
        self._requests_queue().put(text, gap)

    def _started(self, request: StartRequest) -> Start | None:
        """The start of this request in the ledger. None if there is none, or if the ledger can't be read."""
        if request.job.service_principal_id is None or request.job.job_id is None:
            return None
        try:
            entry = self._ledger().get(request.job)
        except TransientError as error:
            _log.warning(line("ledger_not_asked", requestId=request.request_id, error=error))
            return None
        return entry.start_of(request) if entry is not None else None

    def _graph(self, request_id: str | None = None) -> Graph:
        return Graph(self._settings, self._session, self._tokens, self._services.graph, request_id)


def process() -> Process:
    """The one Process of this process, made by the first call."""
    global _process  # noqa: PLW0603 - the one Process
    with _lock:
        if _process is None:
            quiet_azure_loggers()
            _process = Process(configuration())
        return _process
