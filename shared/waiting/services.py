"""The services that the app calls, each with its gate: Microsoft Graph, the identity endpoint, the tables."""

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
"""The names of the services, as a person reads them."""

START = "start"
"""The operation of Graph that has a gate of its own. Graph limits writes more than reads: a read that is answered says
that Graph is back, but not that it takes starts again. That shows by a start."""


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
        """That service, where it is away now."""
        gate = self._gates.get(service or "")
        away = gate.away if gate is not None else None
        return ServiceSeen(gate.service, away) if gate is not None and away is not None else None

    def learn(self, service: str, away: Away, *, seen_at: float, error: str) -> None:
        """Take over what another process saw of a service."""
        gate = self._gates.get(service)
        if gate is not None:
            gate.learn(away, seen_at=seen_at, error=error)


class ServiceGate:
    """Gives leave to call one service: shared.graph.gate's Gate."""

    def __init__(self, gates: tuple[Gate, ...], **more: tuple[Gate, ...]) -> None:
        """`gates` are those of every call, `more` those of single operations."""
        self._gates = gates
        self._more = more

    def enter(self, operation: str, who: object) -> ServiceLeave:
        """Leave to make a call. Raises ServiceAway."""
        tickets: list[tuple[Gate, Ticket]] = []
        try:
            for gate in self._more.get(operation, self._gates):
                tickets.append((gate, gate.enter(who)))  # noqa: PERF401 - those that were given are given back below
        except ServiceAway:
            ServiceLeave(tickets).dropped()
            raise
        return ServiceLeave(tickets)


class ServiceLeave:
    """The leave to make one call: shared.graph.gate's Leave."""

    def __init__(self, tickets: list[tuple[Gate, Ticket]]) -> None:
        self._tickets = tickets

    def answered(self) -> None:
        """The service answered."""
        for gate, ticket in self._tickets:
            gate.answered(ticket)

    def failed(self, error: TransientError) -> None:
        """It did not answer, or asked to come back."""
        if not isinstance(error, GraphUnavailable):
            for gate, ticket in self._tickets:
                # A request for a token is nobody's own.
                gate.failed(ticket, str(error), sure=isinstance(error, TokenUnavailable))
        elif error.one_resource and error.retry_after is None:
            self.answered()
        else:
            for gate, ticket in self._tickets:
                gate.failed(ticket, str(error), retry_after=error.retry_after, throttled=error.throttled)

    def dropped(self) -> None:
        """The call was not made, or says nothing of the service."""
        for gate, ticket in self._tickets:
            gate.dropped(ticket)
