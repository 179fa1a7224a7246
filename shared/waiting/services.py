"""The services that the app calls, each with its gate: Microsoft Graph, the identity endpoint and the tables."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from shared.errors import GraphUnavailable, ServiceAway, TokenUnavailable
from shared.waiting.gate import LONGEST_PAUSE, SHORT_WAIT, Gate, ServiceSeen

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.errors import TransientError
    from shared.waiting.gate import Away, Ticket

GRAPH, GRAPH_STARTS, IDENTITY, LEDGER, STATUS = (
    "Microsoft Graph",
    "Microsoft Graph's start",
    "the identity endpoint",
    "the ledger",
    "the status table",
)
"""The names of the services in events and logs."""

START = "start"
"""The operation of Graph that has an additional gate. Graph limits writes more than reads. So after a successful read,
Graph is up, but may still throttle starts."""


class Services:
    """The gates of a process."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        longest_wait: float = SHORT_WAIT,
        longest_pause: float = LONGEST_PAUSE,
    ) -> None:
        self._gates = {
            name: Gate(name, clock=clock, longest_wait=longest_wait, longest_pause=longest_pause)
            for name in (GRAPH, GRAPH_STARTS, IDENTITY, LEDGER, STATUS)
        }
        self.graph = ServiceGate((self._gates[GRAPH],), start=(self._gates[GRAPH], self._gates[GRAPH_STARTS]))
        self.identity = ServiceGate((self._gates[IDENTITY],))
        self.ledger = ServiceGate((self._gates[LEDGER],))
        self.status = ServiceGate((self._gates[STATUS],))

    def seen_away(self, service: str | None) -> ServiceSeen | None:
        """The state of that service if it is down, or else None."""
        gate = self._gates.get(service or "")
        away = gate.away if gate is not None else None
        return ServiceSeen(gate.service, away) if gate is not None and away is not None else None

    def learn(self, service: str, away: Away, *, seen_at: float, error: str) -> None:
        """Take over the state of a service that another process saw."""
        gate = self._gates.get(service)
        if gate is not None:
            gate.learn(away, seen_at=seen_at, error=error)


class ServiceGate:
    """The gates of one service, as a shared.graph.gate.Gate."""

    def __init__(self, gates: tuple[Gate, ...], **more: tuple[Gate, ...]) -> None:
        """`gates` are for calls in general, `more` for the operations with these names."""
        self._gates = gates
        self._more = more

    def enter(self, operation: str, who: object) -> ServiceLeave:
        """The permission for a call. Raises ServiceAway."""
        tickets: list[tuple[Gate, Ticket]] = []
        try:
            for gate in self._more.get(operation, self._gates):
                tickets.append((gate, gate.enter(who)))  # noqa: PERF401 - after a failure, the tickets so far are returned
        except ServiceAway:
            ServiceLeave(tickets).dropped()
            raise
        return ServiceLeave(tickets)


class ServiceLeave:
    """The permission for one call, as a shared.graph.gate.Leave."""

    def __init__(self, tickets: list[tuple[Gate, Ticket]]) -> None:
        self._tickets = tickets

    def answered(self) -> None:
        """The service answered."""
        for gate, ticket in self._tickets:
            gate.answered(ticket)

    def failed(self, error: TransientError) -> None:
        """The service did not answer, or asked to retry later."""
        if not isinstance(error, GraphUnavailable):
            for gate, ticket in self._tickets:
                # A request for a token is not about a job, so its fault is always the service's.
                gate.failed(ticket, str(error), sure=isinstance(error, TokenUnavailable))
        elif error.one_resource and error.retry_after is None:
            self.answered()
        else:
            for gate, ticket in self._tickets:
                gate.failed(ticket, str(error), retry_after=error.retry_after, throttled=error.throttled)

    def dropped(self) -> None:
        """The call was not made, or its result says nothing about the service."""
        for gate, ticket in self._tickets:
            gate.dropped(ticket)
