"""What keeps a request from being done now: the reason of its delayed event, and what is known of how long it lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import (
    GraphUnavailable,
    InvalidSettings,
    JobBusy,
    LedgerUnavailable,
    ServiceAway,
    StartUnanswered,
    TokenUnavailable,
)
from shared.outcome import Reason
from shared.waiting.services import GRAPH, GRAPH_STARTS, IDENTITY, LEDGER

if TYPE_CHECKING:
    from shared.errors import TransientError

_OF_SERVICE = {
    GRAPH: Reason.GRAPH_UNAVAILABLE,
    GRAPH_STARTS: Reason.GRAPH_UNAVAILABLE,
    IDENTITY: Reason.TOKEN_UNAVAILABLE,
    LEDGER: Reason.LEDGER_UNAVAILABLE,
}

_FIXED_BY_A_PERSON = {
    Reason.PERMISSION_MISSING: Reason.PERMISSION_AWAITED,
    Reason.LICENSE_MISSING: Reason.PERMISSION_AWAITED,
    Reason.BLOCKED_BY_POLICY: Reason.TOKEN_REFUSED,
    Reason.AUTHENTICATION_FAILED: Reason.TOKEN_REFUSED,
}
"""Refusals that were seen to end: a day after a permission was granted, hours into a fault of Graph's signing keys."""


class Obstacle(NamedTuple):
    """What a try met."""

    reason: Reason
    error: str
    service: str | None = None
    """The service that did not do its part."""
    not_before: datetime | None = None
    """Before when nothing can have changed."""
    refusal: Reason | None = None
    """How Graph refused, where it did."""
    is_told: bool = True
    """Whether a person is told while it lasts."""
    is_told_at_once: bool = False
    """Whether it can't pass by itself."""


def obstacle_of(error: TransientError, now: datetime) -> Obstacle:
    """What an error says of why the request waits."""
    match error:
        case ServiceAway():
            until = datetime.fromtimestamp(error.until, UTC)
            return Obstacle(_OF_SERVICE[error.service], str(error), error.service, until)
        case InvalidSettings():
            return Obstacle(Reason.SETTINGS_WRONG, str(error), is_told_at_once=True)
        case TokenUnavailable():
            return Obstacle(Reason.TOKEN_UNAVAILABLE, str(error), IDENTITY)
        case LedgerUnavailable():
            return Obstacle(Reason.LEDGER_UNAVAILABLE, str(error), LEDGER)
        case JobBusy():
            return Obstacle(Reason.JOB_BUSY, str(error), None, error.until)
        case StartUnanswered():
            return Obstacle(Reason.GRAPH_UNAVAILABLE, str(error), None, error.until)
        case GraphUnavailable() if error.retry_after is not None:
            return Obstacle(Reason.GRAPH_UNAVAILABLE, str(error), GRAPH, now + timedelta(seconds=error.retry_after))
        case _:
            return Obstacle(Reason.GRAPH_UNAVAILABLE, str(error), GRAPH)


def obstacle_of_refusal(refusal: Reason, error: str) -> Obstacle:
    """What a refusal of Graph says of why the request waits.

    404 was seen from another replica, 400 in an outage: what stays the same is believed, and nobody told before.
    """
    awaited = _FIXED_BY_A_PERSON.get(refusal)
    if awaited is None:
        return Obstacle(Reason.GRAPH_UNAVAILABLE, error, refusal=refusal, is_told=False)
    return Obstacle(awaited, error, refusal=refusal)
