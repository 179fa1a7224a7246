"""What every target's module offers, and what it is given."""

from __future__ import annotations

import base64
from abc import ABC, abstractmethod
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import TargetRefused
from shared.notices.ticket import ticket_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.notices.links import Link
    from shared.notices.told import Told


TICKET_ALWAYS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED})
"""Refusals of a ticket system that the next ticket would get as well; a 403 or 404 is about one ticket."""


class Outgoing(NamedTuple):
    """A notice, ready to be written in a target's form."""

    event: Mapping[str, Any]
    told: Told
    links: list[Link]


class TargetClient(ABC):
    """Sends notices to one target; used by all threads of the process.

    Every method raises TargetUnavailable and TargetRefused.
    """

    drops_repeats = False
    """Whether the target itself drops what it has got before."""
    can_look = True
    """Whether the target can be asked what it has got."""

    @abstractmethod
    def has(self, outgoing: Outgoing) -> bool:
        """Whether the target has got this notice; false also where it can't be asked."""

    @abstractmethod
    def send(self, outgoing: Outgoing) -> None:
        """Send it."""


def ticket_id(outgoing: Outgoing) -> str:
    """The id of the ticket that asked. Raises TargetRefused where the event names none."""
    ticket = ticket_of(outgoing.told.source, outgoing.told.reference)
    if ticket is None:
        raise TargetRefused("the event names no ticket")
    return ticket.id


def basic(credential: str) -> str:
    """The Authorization header of a user name and a password or token, separated by a colon."""
    return f"Basic {base64.b64encode(credential.encode()).decode()}"
