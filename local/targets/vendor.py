"""The base of all stand-ins: each takes a request, and answers as its vendor would."""

from __future__ import annotations

import base64
import json
import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @property
    def json(self) -> Any:
        """The body's value, or None if it is not JSON or its Content-Type does not say so."""
        if "json" not in self.headers.get("content-type", ""):
            return None
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. A string is sent unchanged, anything else as JSON."""

    status: int
    content: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What people see in one place: a channel, or a ticket."""

    place: str
    text: str
    private: bool = True
    """Whether only the vendor's own users see it, not the person who opened the ticket."""
    problem: str | None = None
    """Why people do not see it after all, or None."""


@dataclass(slots=True)
class Ticket:
    """A ticket and its notes, oldest first, as objects of the vendor's API."""

    id: str
    number: str
    table: str
    customers: bool
    notes: list[dict[str, Any]] = field(default_factory=list)


class Vendor(ABC):
    """One stand-in."""

    def __init__(self) -> None:
        self.arrived: list[Arrived] = []
        self.tickets: dict[str, Ticket] = {}

    @abstractmethod
    def answer(self, request: Request) -> Reply:
        """The answer to a request."""

    def put_ticket(self, ticket_id: str, *, number: str = "", table: str = "incident", customers: bool = True) -> None:
        """Open a ticket."""
        self.tickets[ticket_id] = Ticket(ticket_id, number, table, customers)

    def error(self, status: int) -> Reply:
        """An error of the service as a whole, in the vendor's form."""
        return Reply(status, {"error": f"simulated {status}"})

    def ticket(self, pattern: str, path: str) -> Ticket | None:
        """The ticket at this path, or None. The pattern has one group, which captures the ticket's id."""
        found = re.fullmatch(pattern, path)
        return self.tickets.get(found[1]) if found is not None else None


def basic(user_and_password: str) -> str:
    """The Authorization header of the scheme Basic."""
    return f"Basic {base64.b64encode(user_and_password.encode()).decode()}"


def text_of_html(html: str) -> str:
    """The text that a browser shows, with each block on a line of its own."""
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"</(?:div|p)>|<br ?/?>", "\n", html))).strip()
