"""What comes of a queue message: status events, and start requests that go back on the queue."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import TransientError, UnreadableMessage
from shared.event.status_event import StatusEvent, log_ended
from shared.json_text import write_json
from shared.log import line
from shared.outcome import Reason
from shared.request import message
from shared.request.message import InvalidItem
from shared.request.start_request import RequestedBy, derive_request_id
from shared.starting.ending import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.graph.client import Graph
    from shared.request.start_request import StartRequest
    from shared.settings import Settings

_log = logging.getLogger(__name__)


class Handled(NamedTuple):
    """What a message leads to; both go out together, or, where the work raised, neither."""

    events: tuple[StatusEvent, ...] = ()
    requests: tuple[StartRequest, ...] = ()


class Delivery(NamedTuple):
    """A queue message as it was delivered. `inserted` is when it was put on the queue."""

    body: bytes
    message_id: str
    inserted: datetime
    dequeue_count: int = 1
    """How many times it was delivered, this one included."""

    def read(self) -> list[StartRequest | InvalidItem]:
        """The items in it. Raises UnreadableMessage."""
        return message.read(self.body, message_id=self.message_id, inserted=self.inserted)

    def has_named(self, request: StartRequest) -> bool:
        """Whether its only request got its id from this message.

        Then it has to be written down before anything is done: the host puts a copy of a message that fails too often
        on the poison queue, as a message of its own, from which another id would come.
        """
        return request.request_id == derive_request_id(self.message_id, "0")


class Inbox:
    """Works on the messages of the start-requests queue and of its poison queue."""

    def __init__(
        self,
        settings: Settings,
        new_graph: Callable[[], Graph],
        start: Callable[[StartRequest, Graph, str], Ending],
    ) -> None:
        self._settings = settings
        self._new_graph = new_graph
        self._start = start

    def handle(self, delivery: Delivery) -> Handled:
        """Work on a message of start-requests: one request is done, several are taken apart.

        One without an id goes back on the queue with the id that it gets here, as each of several does. Raises
        TransientError where the queue should deliver the message again.
        """
        try:
            items = delivery.read()
        except UnreadableMessage as error:
            return Handled((self._unreadable(delivery, Ending(reason=Reason.UNREADABLE_MESSAGE, error=str(error))),))
        invalid = tuple(self._invalid(item, delivery) for item in items if isinstance(item, InvalidItem))
        valid = tuple(item for item in items if not isinstance(item, InvalidItem))
        if len(items) == 1 and valid and not delivery.has_named(valid[0]):
            event = self._work_on(valid[0], delivery)
            return Handled((event,), event.ending.queued)
        return Handled(invalid, valid)

    def give_up(self, delivery: Delivery) -> Handled:
        """Report a message of the poison queue, whatever it holds: the host tried it maxDequeueCount times."""
        ending = Ending(reason=Reason.GAVE_UP)
        try:
            items = delivery.read()
        except UnreadableMessage:
            return Handled((self._unreadable(delivery, ending),))
        return Handled(
            tuple(
                self._invalid(item, delivery, ending)
                if isinstance(item, InvalidItem)
                else self._abandoned(item, ending)
                for item in items
            )
        )

    def _work_on(self, request: StartRequest, delivery: Delivery) -> StatusEvent:
        began_at = datetime.now(UTC)
        graph = self._new_graph()
        try:
            ending = self._start(request, graph, delivery.message_id)
        except TransientError as error:
            _log.warning(line("try_again_later", requestId=request.request_id, job=request.job, error=error))
            raise
        return self._event(request, ending, began_at, graph)

    def _event(
        self, request: StartRequest, ending: Ending, began_at: datetime, graph: Graph | None = None
    ) -> StatusEvent:
        finished_at = datetime.now(UTC)
        return log_ended(
            StatusEvent(
                site_name=self._settings.site_name,
                request_id=request.request_id,
                requested_by=request.requested_by,
                requested_at=request.requested_at,
                began_at=began_at,
                finished_at=finished_at,
                ending=ending,
                job=ending.job or request.job,
                calls=tuple(graph.calls) if graph is not None else (),
                request=request.to_json() if ending.reason is Reason.GAVE_UP else None,
                traceparent=request.traceparent,
                parent_request_id=request.parent_request_id,
            )
        )

    def _abandoned(self, request: StartRequest, ending: Ending) -> StatusEvent:
        return self._event(request, ending, datetime.now(UTC))

    def _invalid(self, item: InvalidItem, delivery: Delivery, ending: Ending | None = None) -> StatusEvent:
        ending = ending or Ending(reason=Reason.INVALID_REQUEST, error=str(item.error))
        return self._without_request(item.request_id, write_json(item.value), delivery, ending)

    def _unreadable(self, delivery: Delivery, ending: Ending) -> StatusEvent:
        request_id = derive_request_id(delivery.message_id, "0")
        return self._without_request(request_id, delivery.body.decode(errors="backslashreplace"), delivery, ending)

    def _without_request(self, request_id: str, received: str, delivery: Delivery, ending: Ending) -> StatusEvent:
        now = datetime.now(UTC)
        return log_ended(
            StatusEvent(
                site_name=self._settings.site_name,
                request_id=request_id,
                requested_by=RequestedBy(message.SOURCE),
                requested_at=delivery.inserted,
                began_at=now,
                finished_at=now,
                ending=ending,
                received=received,
            )
        )
