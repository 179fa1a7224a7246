"""Checks that make a call: the token, Microsoft Graph, the queue, the tables.

Each raises TransientError or InvalidSettings for a fault that it does not report itself.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from azure.data.tables import TableServiceClient

from shared.errors import GraphRefused, GraphUnavailable, LedgerUnavailable, QueueUnavailable
from shared.event.advice import advice
from shared.event.waited import to_do_about
from shared.graph.client import Graph, new_session
from shared.graph.credentials import BearerTokens, quiet_azure_loggers
from shared.health.check import Check, failing, ok
from shared.ledger.connection import connect
from shared.ledger.table import RUNS, TARGETS, LedgerTable
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.starting.ending import Ending
from shared.time_text import format_time
from shared.waiting.requests_queue import RequestsQueue
from shared.waiting.services import Services
from shared.waiting.standing_still import LONGEST_UNTOUCHED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.settings import Settings

GRAPH_TIMEOUT = 4.0
"""Most seconds that a check waits for an answer from Graph."""

NOBODY = "00000000-0000-4000-8000-000000000000"
"""A service principal that no tenant has. Graph answers 404 to an app that may read jobs, and 401 or 403 to others."""

_QUEUE_ADVICE = {
    "404": "Check START_REQUESTS_QUEUE: this storage account has no queue with that name. Create it, or correct that.",
    "AuthorizationFailure": "Allow the app's network in the storage account's firewall, or check its private endpoint.",
    "403": (
        "Check that the app's identity has the role Storage Queue Data Contributor on the storage account that "
        "QUEUE_CONNECTION names. A new assignment usually works within ten minutes."
    ),
}
"""What to do about an error of the queue that has these words. The first match counts."""
_QUEUE_AWAY = "Check that QUEUE_CONNECTION names a storage account that exists. If it does, see Azure status."


@dataclass
class Links:
    """The services that the checks call. Made again for each HTTP request."""

    settings: Settings
    environment: Mapping[str, str]
    runs: Mapping[str, Mapping[str, Any]] | None = None
    """The ledger's notes on runs of timers; None until they are read."""
    targets: Mapping[str, Mapping[str, Any]] | None = None

    def __post_init__(self) -> None:
        """Make the parts that open no connection."""
        quiet_azure_loggers()
        self.settings = replace(self.settings, graph_timeout=min(GRAPH_TIMEOUT, self.settings.graph_timeout))
        self._services = Services()
        self._tokens = BearerTokens.of_app(self.settings.graph_scope, self._services.identity)

    def token(self) -> Check:
        """Whether the identity gets a token for Graph."""
        self._tokens.get()
        return ok("token", "The app's identity gets a token for Microsoft Graph.")

    def graph(self, principal: str | None) -> Check:
        """Whether Graph answers, and lets the app read the jobs of `principal`, or of no application if it is None."""
        with new_session(self.settings) as session:
            graph = Graph(self.settings, session, self._tokens, self._services.graph)
            try:
                jobs = graph.list_jobs(JobReference(service_principal_id=principal or NOBODY))
            except GraphRefused as error:
                if error.status == 404 and principal is None:  # noqa: PLR2004 - HTTP
                    return ok(
                        "graph",
                        "Microsoft Graph answers the app. To try a read, ask with ?servicePrincipalId= and the object "
                        "id of an enterprise application.",
                    )
                ending = Ending(reason=error.reason, error=error.summary, operation=error.operation)
                refusal = f"Microsoft Graph refuses to let the app read jobs: {error.summary.rstrip('.')}."
                return failing("graph", refusal, advice(ending))
        return ok("graph", "The app can read the application's provisioning jobs.", jobs=len(jobs))

    def queues(self) -> Check:
        """Whether the start-requests queue exists, and how long its oldest message has waited for a worker."""
        name = self.settings.start_requests_queue
        queue = RequestsQueue.of(self.settings, self.environment, self._services.identity, name)
        oldest, count = queue.oldest(), queue.count()
        if oldest is None:
            return ok("queues", f"No start request on the queue {name} waits for a worker.", messages=count)
        age = max(timedelta(0), datetime.now(UTC) - oldest.since)
        seconds = round(age.total_seconds())
        facts = {"messages": count, "oldestSince": format_time(oldest.since), "oldestSeconds": seconds}
        waits = f"The oldest start request on the queue {name} has waited for a worker for {seconds} s"
        if age > LONGEST_UNTOUCHED:
            to_do = (
                "Check whether the log still gets request_waits or start_request_ended lines. If not, restart the app."
            )
            return failing("queues", f"{waits}.", to_do, **facts)
        return ok("queues", f"{waits}.", **facts)

    def ledger(self) -> Check:
        """Whether the ledger's table exists. Keeps its notes for other checks."""
        tables = connect(
            TableServiceClient,
            "table",
            self.settings.queue_connection,
            self.environment,
            threads=2,
            identity=self._services.identity,
        )
        name = self.settings.ledger_table
        table = LedgerTable(tables.get_table_client(name), self._services.ledger)
        runs = table.notes(RUNS)
        if runs is None:
            to_do = (
                "If the app is new, nothing: it creates the table with the first start, or when RECOVERY_SCHEDULE "
                "is due. Otherwise somebody deleted the table, or LEDGER_TABLE is wrong."
            )
            return failing("ledger", f"The table {name} does not exist.", to_do)
        self.runs, self.targets = runs, table.notes(TARGETS) or {}
        return ok("ledger", f"The table {name} can be read.")


def told_of(name: str, error: Exception) -> Check:
    """The result for an error of a check, with the advice that events have."""
    text = str(error).rstrip(".")
    match error:
        case QueueUnavailable():
            to_do = next((words for code, words in _QUEUE_ADVICE.items() if code in text), _QUEUE_AWAY)
        case GraphUnavailable():
            to_do = to_do_about(Ending(reason=Reason.GRAPH_UNAVAILABLE))
        case LedgerUnavailable():
            to_do = to_do_about(Ending(reason=Reason.LEDGER_UNAVAILABLE, error=text))
        case _ if name == "token":
            to_do = to_do_about(Ending(reason=Reason.TOKEN_UNAVAILABLE))
        case _:
            to_do = ""
    return failing(name, f"{text[:1].upper()}{text[1:]}.", to_do or None)
