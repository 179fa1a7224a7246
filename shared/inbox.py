"""How the app handles a queue message. The result is status events, and requests to put back on the queue."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import TransientError, UnreadableMessage
from shared.event.happened import no_request_found, work_ended
from shared.json_text import write_json
from shared.log import line
from shared.outcome import Outcome, Reason
from shared.request import message
from shared.request.message import InvalidItem
from shared.request.start_request import RequestedBy, derive_request_id
from shared.starting.ending import Ending, Waited, ending_of
from shared.time_text import format_time
from shared.waiting.message import Waiting, read_waiting, to_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.event.status_event import StatusEvent
    from shared.graph.client import Graph
    from shared.ledger.entry import Start
    from shared.request.start_request import StartRequest
    from shared.settings import Settings
    from shared.waiting.services import Services

_log = logging.getLogger(__name__)


BY_BINDING_FROM = 5
"""The delivery from which the host's binding puts a waiting request back if the app's own client can't.

It is before maxDequeueCount, when the host gives the message up. It is not the first, because the binding can't delay
a message: it would come back at once, again and again."""


HOST_LEASE = timedelta(minutes=10)
"""Time after which the queue delivers a message again if its host died."""


class Handled(NamedTuple):
    """The result of a message. All of it is sent together, or nothing if the work raises."""

    events: tuple[StatusEvent, ...] = ()
    requests: tuple[StartRequest, ...] = ()
    waiting: tuple[str, ...] = ()
    """Messages of waiting requests that the app's own client could not put back."""


class Delivery(NamedTuple):
    """A queue message as it was delivered. `inserted` is when it was put on the queue."""

    body: bytes
    message_id: str
    inserted: datetime
    dequeue_count: int = 1
    """How many times it was delivered, including this time."""

    def first_tried(self, now: datetime) -> datetime:
        """When it was first tried: now, or, after the first delivery, when it was inserted, at most ten minutes ago."""
        return now if self.dequeue_count <= 1 else min(now, max(self.inserted, now - HOST_LEASE))

    def read(self) -> list[StartRequest | InvalidItem]:
        """The valid and invalid requests in it. Raises UnreadableMessage."""
        return message.read(self.body, message_id=self.message_id, inserted=self.inserted)

    def has_named(self, request: StartRequest) -> bool:
        """Whether its only request got its id from this message.

        If so, the request is queued again with its id before any work. If a message fails too often, the host puts a
        copy on the poison queue. The copy's message id differs, and would give another request id.
        """
        return request.request_id == derive_request_id(self.message_id, "0")


class Work(NamedTuple):
    """What other parts of the app do for the inbox."""

    new_graph: Callable[[str], Graph]
    """Makes the Graph client for the request with that id."""
    start: Callable[[StartRequest, Graph, str], Ending]
    """Does the work of a request from the message with that id. Raises TransientError."""
    put_back: Callable[[str, timedelta], None]
    """Puts a message back on the queue for later. Raises QueueUnavailable or another TransientError."""
    started: Callable[[StartRequest], Start | None]
    """The start of a request in the ledger. None if there is none, or if the ledger can't be read."""


class _Try(NamedTuple):
    """One try of a request."""

    request: StartRequest
    delivery: Delivery
    waiting: Waiting
    """How it has waited so far."""
    began_at: datetime
    graph: Graph


class Inbox:
    """Handles messages of the start-requests queue and of its poison queue."""

    def __init__(
        self,
        settings: Settings,
        work: Work,
        services: Services,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings = settings
        self._work = work
        self._services = services
        self._clock = clock

    def handle(self, delivery: Delivery) -> Handled:
        """Handle a message of start-requests: do the work of one request, or queue each of several by itself.

        A single request without an id is also queued again, with the id that it gets here. Raises TransientError if
        the queue should deliver the message again.
        """
        delivery, waiting = self._open(delivery)
        try:
            items = delivery.read()
        except UnreadableMessage as error:
            return Handled((self._unreadable(delivery, Ending(reason=Reason.UNREADABLE_MESSAGE, error=str(error))),))
        items, of_alerts = self._without_alerts(items, delivery)
        invalid = (
            *of_alerts,
            *(self._invalid(item, delivery) for item in items if isinstance(item, InvalidItem)),
        )
        valid = tuple(item for item in items if not isinstance(item, InvalidItem))
        if len(items) == 1 and valid and not of_alerts and not delivery.has_named(valid[0]):
            return self._work_on(valid[0], delivery, waiting)
        return Handled(invalid, valid)

    def give_up(self, delivery: Delivery) -> Handled:
        """Report a message of the poison queue, which the host has delivered maxDequeueCount times."""
        delivery, waiting = self._open(delivery)
        ending = Ending(reason=Reason.GAVE_UP, by_host=True)
        if waiting is not None:
            ending = ending._replace(error=waiting.error, waited=Waited(waiting.since, waiting.tries))
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

    def _without_alerts(
        self, items: list[StartRequest | InvalidItem], delivery: Delivery
    ) -> tuple[list[StartRequest | InvalidItem], list[StatusEvent]]:
        """The items, with requests in place of Azure Monitor alerts, and an event for each alert that names no job.

        A resolved alert asks for nothing.
        """
        if not any(isinstance(item, InvalidItem) and message.is_alert(item.value) for item in items):
            return items, []
        from shared.intake.queued_alert import alerts_apart  # not needed without alerts

        found, nameless = alerts_apart(items, delivery.inserted)
        return found, [
            self._without_request(
                alert.request_id,
                None,
                delivery,
                Ending(reason=Reason.NO_JOB_REFERENCE, error=alert.error),
                requested_by=alert.requested_by,
            )
            for alert in nameless
        ]

    def _open(self, delivery: Delivery) -> tuple[Delivery, Waiting | None]:
        """The message without its record of waiting, and that record, or None if the request has not waited."""
        message = read_waiting(delivery.body, self._clock())
        if message is None:
            return delivery, None
        waiting = message.waiting
        if waiting.service is not None and waiting.at is not None:
            name, away = waiting.service
            self._services.learn(name, away, seen_at=waiting.at.timestamp(), error=waiting.error)
        message_id = waiting.message_id or delivery.message_id
        return delivery._replace(body=message.body, message_id=message_id), waiting

    def _work_on(self, request: StartRequest, delivery: Delivery, waiting: Waiting | None) -> Handled:
        now = self._clock()
        waiting = waiting or Waiting(since=delivery.first_tried(now), message_id=delivery.message_id)
        tried = _Try(request, delivery, waiting, now, self._work.new_graph(request.request_id))
        try:
            ending = self._work.start(request, tried.graph, delivery.message_id)
        except TransientError as error:
            return self._wait(tried, error)
        except Exception as error:
            # A bug in the app. The host logs the traceback, but not which request it was.
            what = f"{type(error).__name__}: {error}"
            _log.error(line("work_failed", requestId=request.request_id, job=request.job, error=what))
            raise
        if ending.reason.outcome is Outcome.FAILED:
            return self._wait(tried, ending)
        return Handled((self._event(request, ending, now, tried.graph),), ending.queued)

    def _wait(self, tried: _Try, met: TransientError | Ending) -> Handled:
        """Put the request back for later, or give it up. The result has an event if a person should know."""
        from shared.waiting.obstacle import (  # not needed if a start succeeds
            obstacle_of,
            obstacle_of_refusal,
        )
        from shared.waiting.patience import decide

        request, waiting, now = tried.request, tried.waiting, self._clock()
        if isinstance(met, Ending):
            obstacle = obstacle_of_refusal(met.reason, met.error or "")
        else:
            obstacle = obstacle_of(met, now)
        away = self._services.seen_away(obstacle.service)
        decision = decide(waiting, obstacle, away, now, self._settings.give_up_after)
        waited = Waited(waiting.since, decision.waiting.tries, waiting.since + self._settings.give_up_after)
        if decision.gap is None:
            ending = self._given_up(request, met if isinstance(met, Ending) else Ending(reason=Reason.GAVE_UP))
            if ending.reason.outcome is Outcome.FAILED:
                ending = ending._replace(error=obstacle.error, waited=waited)
            return Handled((self._event(request, ending, tried.began_at, tried.graph),))
        events: tuple[StatusEvent, ...] = ()
        if decision.tells:
            refused = met if isinstance(met, Ending) else Ending(reason=obstacle.reason)
            ending = refused._replace(reason=obstacle.reason, error=obstacle.error, waited=waited)
            events = (self._event(request, ending, tried.began_at, tried.graph),)
        _log.warning(
            line(
                "request_waits",
                requestId=request.request_id,
                job=request.job,
                waits=f"{decision.gap.total_seconds():.0f}s",
                tries=decision.waiting.tries,
                since=format_time(waiting.since),
                error=obstacle.error,
            )
        )
        text = to_message(request, decision.waiting)
        try:
            self._work.put_back(text, decision.gap)
        except TransientError as fault:
            _log.warning(line("try_again_later", requestId=request.request_id, job=request.job, error=fault))
            if tried.delivery.dequeue_count < BY_BINDING_FROM:
                raise fault if isinstance(met, Ending) else met from fault
            return Handled(events, waiting=(text,))
        return Handled(events)

    def _given_up(self, request: StartRequest, ending: Ending) -> Ending:
        """The ending of a request that is given up or refused for good. If the ledger has its start, that counts."""
        start = self._work.started(request)
        if start is None:
            return ending
        return ending._replace(may_have_started=True) if start.reason is None else ending_of(start)

    def _event(
        self, request: StartRequest, ending: Ending, began_at: datetime, graph: Graph | None = None
    ) -> StatusEvent:
        return work_ended(
            request,
            ending,
            site_name=self._settings.site_name,
            began_at=began_at,
            finished_at=self._clock(),
            calls=tuple(graph.calls) if graph is not None else (),
        )

    def _abandoned(self, request: StartRequest, ending: Ending) -> StatusEvent:
        return self._event(request, self._given_up(request, ending), self._clock())

    def _invalid(self, item: InvalidItem, delivery: Delivery, ending: Ending | None = None) -> StatusEvent:
        ending = ending or Ending(reason=Reason.INVALID_REQUEST, error=str(item.error))
        return self._without_request(item.request_id, write_json(item.value), delivery, ending)

    def _unreadable(self, delivery: Delivery, ending: Ending) -> StatusEvent:
        request_id = derive_request_id(delivery.message_id, "0")
        return self._without_request(request_id, delivery.body.decode(errors="backslashreplace"), delivery, ending)

    def _without_request(
        self,
        request_id: str,
        received: str | None,
        delivery: Delivery,
        ending: Ending,
        *,
        requested_by: RequestedBy = RequestedBy(message.SOURCE),  # noqa: B008 - can't be changed
    ) -> StatusEvent:
        return no_request_found(
            ending,
            site_name=self._settings.site_name,
            request_id=request_id,
            requested_by=requested_by,
            came_at=delivery.inserted,
            read_at=self._clock(),
            received=received,
        )
