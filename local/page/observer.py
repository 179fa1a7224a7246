"""Reads the system's state for the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from local.page.event_log import EventLog
from local.page.story import Sent, Story, stories

if TYPE_CHECKING:
    from collections.abc import Sequence

    from local.client.app_client import AppClient
    from local.client.simulation import Simulation
    from local.client.status_events import Event
    from local.client.told import Seen, ToldClient
    from local.page.senders import OpenTicket

GRAPH_DOWN = {"service": "graph", "method": None, "pathContains": "", "pathEndsWith": ""}
"""The fault that takes Graph down, as /_sim/faults lists it."""

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

TICKET_SYSTEMS = frozenset({"jira", "servicenow", "zendesk", "freshservice", "pagerduty"})


class Clients(NamedTuple):
    """The clients of the other parts."""

    app: AppClient
    simulation: Simulation
    told: ToldClient | None
    """None if this system has no stand-ins."""


class Job(NamedTuple):
    """A job of the tenant as it is now."""

    principal: str
    application: str
    value: dict[str, Any]
    credentials_work: bool

    @property
    def id(self) -> str:
        """The job's id in Graph."""
        return str(self.value.get("id", ""))


class Ticket(NamedTuple):
    """A ticket and its notes."""

    target: str
    number: str
    summary: str
    notes: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The system at one moment. Requests and events are sorted from old to new."""

    jobs: list[Job]
    graph_is_down: bool
    other_faults: int
    """How many faults there are besides those that take Graph down."""
    events: list[Event]
    stories: list[Story]
    tickets: list[Ticket]
    told: dict[str, list[str]]
    """Where people read an event, by the event's id."""


@dataclass(slots=True)
class Memory:
    """What was done on the page."""

    sent: list[Sent] = field(default_factory=list)
    tickets: list[tuple[OpenTicket, str]] = field(default_factory=list)
    """Tickets that the page opened, each with its summary."""


class Observer:
    """Reads the state of the system. One call at a time."""

    def __init__(self, clients: Clients, memory: Memory) -> None:
        self._simulation, self._told = clients.simulation, clients.told
        self._memory = memory
        self._log = EventLog(clients.app.events.queue)

    def jobs(self) -> list[Job]:
        """The jobs of the tenant, in the order of creation."""
        return [
            Job(principal["servicePrincipalId"], principal["displayName"], each["job"], each["credentialsWork"])
            for principal in self._simulation.principals()
            for each in principal["jobs"]
            if isinstance(each["job"], dict)
        ]

    def look(self) -> Snapshot:
        """The state now. Raises RequestException or AzureError if a part cannot be reached."""
        seen = self._told.seen() if self._told is not None else []
        self._log.look(seen)
        events = self._log.events
        found = stories(self._memory.sent, events)
        if any(story.is_open for story in found):
            found = stories(self._memory.sent, events, self._simulation.calls("/jobs/"))
        faults = self._simulation.faults()
        down = [each for each in faults if each == GRAPH_DOWN]
        return Snapshot(
            jobs=self.jobs(),
            graph_is_down=bool(down),
            other_faults=len(faults) - len(down),
            events=events,
            stories=found,
            tickets=self._tickets(seen),
            told=_told(events, seen),
        )

    def _tickets(self, seen: Sequence[Seen]) -> list[Ticket]:
        """Tickets that were opened here, and tickets on which a request from elsewhere led to a note."""
        notes: dict[tuple[str, str], list[Seen]] = {}
        for each in seen:
            if each.target in TICKET_SYSTEMS:
                notes.setdefault((each.target, each.place), []).append(each)
        tickets = []
        for opened, summary in self._memory.tickets:
            keys = {(opened.target, opened.id), (opened.target, opened.number)}
            own = [note for key in keys for note in notes.pop(key, [])]
            tickets.append(Ticket(opened.target, opened.number, summary, tuple(own)))
        return [Ticket(target, place, "", tuple(own)) for (target, place), own in notes.items()] + tickets


def _told(events: Sequence[Event], seen: Sequence[Seen]) -> dict[str, list[str]]:
    """Where people read each event. Every text has the event's id."""
    ids = {event["id"] for event in events}
    told: dict[str, list[str]] = {}
    for each in seen:
        if each.problem is None:
            place = f"{each.target} {each.place}" if each.target in TICKET_SYSTEMS else each.target
            for event_id in ids.intersection(_UUID.findall(each.text)):
                told.setdefault(event_id, []).append(place)
    return told
