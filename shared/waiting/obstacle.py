"""The obstacle that makes a request wait: the reason for its delayed event, and how long it lasts, if that is known."""

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
"""Refusals that were seen to end: a day after a permission was granted, and after hours with wrong signing keys of
Graph."""


class Obstacle(NamedTuple):
    """What kept a try from its result."""

    reason: Reason
    error: str
    service: str | None = None
    """The service that is not available."""
    not_before: datetime | None = None
    """The obstacle lasts at least until then."""
    refusal: Reason | None = None
    """Why Graph refused the call, if it did."""
    is_told: bool = True
    """Whether it gets a delayed event while it lasts."""
    is_told_at_once: bool = False
    """Whether the event is due at once, because the obstacle does not pass by itself."""


def obstacle_of(error: TransientError, now: datetime) -> Obstacle:
    """The obstacle that a transient error means."""
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
    """The obstacle that a refusal of Graph means.

    A 404 may come from a replica that is behind, and a 400 was seen in an outage. So the app retries for a while,
    without an event, before it accepts such a refusal.
    """
    awaited = _FIXED_BY_A_PERSON.get(refusal)
    if awaited is None:
        return Obstacle(Reason.GRAPH_UNAVAILABLE, error, refusal=refusal, is_told=False)
    return Obstacle(awaited, error, refusal=refusal)
