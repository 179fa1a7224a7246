"""The interface of all targets, and what their modules share."""

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
"""Refusals of a ticket system that the next ticket would also get. A 403 or 404 is about one ticket."""


class Outgoing(NamedTuple):
    """A notice that is ready to be written in a target's form."""

    event: Mapping[str, Any]
    told: Told
    links: list[Link]


class TargetClient(ABC):
    """Sends notices to one target. All threads of the process use it.

    Every method raises TargetUnavailable and TargetRefused.
    """

    drops_repeats = False
    """Whether the target itself drops repeats."""

    def has(self, outgoing: Outgoing) -> bool | None:  # noqa: ARG002 - for targets that can be asked
        """Whether the target has this notice; None if it cannot be searched."""
        return None

    @abstractmethod
    def send(self, outgoing: Outgoing) -> None:
        """Send the notice."""


def ticket_id(outgoing: Outgoing) -> str:
    """The id of the ticket that the request came from. Raises TargetRefused if there is none."""
    ticket = ticket_of(outgoing.told.source, outgoing.told.reference)
    if ticket is None:
        raise TargetRefused("the event names no ticket")
    return ticket.id


def basic(credential: str) -> str:
    """The Authorization header of a user name and a password or token, separated by a colon."""
    return f"Basic {base64.b64encode(credential.encode()).decode()}"
