"""The app with a ledger that stores nothing, to measure its work without calls to the table service."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from shared.configuration import configuration
from shared.graph.client import Graph, new_session
from shared.graph.credentials import BearerTokens, quiet_azure_loggers
from shared.inbox import Delivery, Inbox, Work
from shared.ledger.entry import Entry
from shared.ledger.expansion import Expansion
from shared.request.reference import JobReference
from shared.request.start_request import StartRequest
from shared.starting.ending import Ending
from shared.starting.start_job import start_job
from shared.waiting.services import Services
from trials.bench.contestants.app import prepare
from trials.bench.contestants.loop import serve


class NoLedger:
    """Accepts every entry, and stores none."""

    def get(self, job: JobReference) -> Entry | None:  # noqa: ARG002 - the protocol's
        """None: each job is started for the first time."""
        return None

    def put(self, entry: Entry) -> Entry:
        """The entry as a table returns it."""
        return entry._replace(etag="1")

    def remove(self, entry: Entry) -> None:
        """There is nothing to remove."""

    def followed(self) -> Iterable[Entry]:
        """None."""
        return ()

    def expansion(self, request_id: str, message_id: str) -> Expansion | None:  # noqa: ARG002 - as above
        """None: no message is known."""
        return None

    def note_expansion(self, request_id: str, message_id: str, expansion: Expansion) -> None:
        """Do nothing."""

    def remove_untouched(self, since: datetime, most: int) -> int:  # noqa: ARG002 - as above
        """Remove nothing."""
        return 0


quiet_azure_loggers()
_settings = configuration().settings
_services = Services()
_session, _tokens = new_session(_settings), BearerTokens.of_app(_settings.graph_scope, _services.identity)


def _start(request: StartRequest, graph: Graph, message_id: str) -> Ending:
    return start_job(request, graph, _settings, NoLedger(), message_id=message_id)


def _graph(request_id: str) -> Graph:
    return Graph(_settings, _session, _tokens, _services.graph, request_id)


def _put_back(text: str, gap: timedelta) -> None:
    raise RuntimeError(f"a request has to wait for {gap}, but nothing fails here: {text}")


_inbox = Inbox(_settings, Work(_graph, _start, _put_back, lambda _: None), _services)


def work(delivery: Delivery) -> list[str]:
    """Start the job. Returns the messages for the status queue."""
    return [event.to_message() for event in _inbox.handle(delivery).events]


if __name__ == "__main__":
    serve(prepare, work)
