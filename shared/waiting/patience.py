"""When a request that met an obstacle is retried, when its delayed event is due, and when it is given up.

Long outages last one to eight hours, and regional ones up to 54. A token may lack a new permission for a day. So a
request waits for GIVE_UP_AFTER, a day by default. The functions are pure: they use how the request has waited, the
obstacle and the time.
"""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.waiting.gate import SHARE_OF_PATIENCE
from shared.waiting.message import Refusal

if TYPE_CHECKING:
    from datetime import datetime

    from shared.waiting.gate import ServiceSeen
    from shared.waiting.message import Waiting
    from shared.waiting.obstacle import Obstacle

GAPS = tuple(timedelta(seconds=seconds) for seconds in (45, 120, 300, 600, 900))
"""The gaps between tries if the length of the obstacle is not known. The last one repeats."""

TOLD_AFTER = timedelta(minutes=5)
"""The time after which a request that waits gets a delayed event."""

REFUSED_FOR = timedelta(minutes=10)
"""How long Graph has to refuse for the same reason before the app accepts that. A 404 was seen for seconds from a
replica that was behind, and for 20 minutes after a creation."""

LEAST_GAP = timedelta(seconds=1)
"""The queue's delays are whole seconds."""


class Decision(NamedTuple):
    """What to do with a request that met an obstacle."""

    waiting: Waiting
    """How it has waited, this try included."""
    gap: timedelta | None
    """The time until the next try; None gives the request up."""
    tells: bool = False
    """Whether its delayed event is due."""


def decide(
    waiting: Waiting, obstacle: Obstacle, away: ServiceSeen | None, now: datetime, give_up_after: timedelta
) -> Decision:
    """What to do with the request. `away` is the service of the obstacle if its gate is closed."""
    refusal = _refusal(waiting, obstacle, now)
    waiting = waiting._replace(
        tries=waiting.tries + 1, error=obstacle.error, at=now, visible=None, service=away, refusal=refusal
    )
    until = waiting.since + give_up_after
    is_final = refusal is not None and not obstacle.is_told and now >= refusal.since + min(REFUSED_FOR, give_up_after)
    if now >= until or is_final:
        return Decision(waiting, None)
    again = min(now + _gap(waiting, obstacle, away, now, give_up_after), until)
    if refusal is not None and not obstacle.is_told:
        again = min(again, refusal.since + min(REFUSED_FOR, give_up_after))
    tell_at = now if obstacle.is_told_at_once else waiting.since + min(TOLD_AFTER, give_up_after / 4)
    tells = obstacle.is_told and not waiting.told and now >= tell_at
    if obstacle.is_told and not waiting.told and not tells:
        again = min(again, tell_at)
    gap = max(again - now, LEAST_GAP)
    return Decision(waiting._replace(told=waiting.told or tells, visible=now + gap), gap, tells)


def _gap(
    waiting: Waiting, obstacle: Obstacle, away: ServiceSeen | None, now: datetime, give_up_after: timedelta
) -> timedelta:
    """The time until the next try. It is random within limits, so that requests are not retried together."""
    known = [obstacle.not_before - now] if obstacle.not_before is not None else []
    if away is not None:
        known.append(timedelta(seconds=away.away.until - now.timestamp()))
    if known:
        gap = max(timedelta(0), *known)
        # The end is known, so the next try is soon after it.
        return gap + min(gap / 10, timedelta(seconds=60)) * _share(0, 1) + timedelta(seconds=_share(0, 2))
    gap = GAPS[min(waiting.tries, len(GAPS)) - 1] * _share(0.85, 1)
    return min(gap, give_up_after / SHARE_OF_PATIENCE)


def _refusal(waiting: Waiting, obstacle: Obstacle, now: datetime) -> Refusal | None:
    """Why Graph refuses, and since when. An outage in between does not restart that time."""
    if obstacle.refusal is None:
        return waiting.refusal
    if waiting.refusal is not None and waiting.refusal.reason == obstacle.refusal:
        return waiting.refusal
    return Refusal(obstacle.refusal, now)


def _share(least: float, most: float) -> float:
    return random.uniform(least, most)  # noqa: S311 - no secret depends on it
