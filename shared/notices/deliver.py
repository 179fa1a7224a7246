"""One delivery of a notice. It is sent, found to be sent before, to be tried again later, or given up.

Delivery is at least once, and as close to once as the target allows. A notice may be delivered again because its event
was sent twice, a worker died after the post, or the target's answer was lost.

- A ticket, and a Slack channel with a token, is first searched for the notice. So it gets exactly one.
- A webhook drops repeats by the id of the delivery.
- A chat webhook can do neither. If the answer to a try is lost, there is one more try, and no third.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import TargetRefused, TargetUnavailable
from shared.log import line

if TYPE_CHECKING:
    from shared.errors import AppError
    from shared.notices.notice import Notice
    from shared.notices.targets.client import Outgoing, TargetClient

PATIENCE = timedelta(hours=8)
"""How long a notice is retried while the target is down."""

GAPS = (15.0, 45.0, 120.0, 300.0, 600.0, 900.0)
"""Seconds between the tries. The last one repeats."""

MAX_UNCLEAR = 2
"""The most tries with an unknown result for a target that cannot be searched: the first one, and one repeat."""

_log = logging.getLogger(__name__)


class Again(NamedTuple):
    """A notice that is to be tried again after so many seconds."""

    notice: Notice
    seconds: float
    error: TargetUnavailable | None = None
    """The error of the call to the target; None if it was not called."""


def deliver(
    notice: Notice, outgoing: Outgoing, client: TargetClient, *, dequeue_count: int = 1, now: datetime | None = None
) -> Again | None:
    """Deliver a notice. Returns None if it is done. Raises TargetRefused if the target refuses all notices.

    `dequeue_count` counts the deliveries of this message. Each one before this ended without a result.
    """
    now = now or datetime.now(UTC)
    unclear = notice.unclear + dequeue_count - 1
    try:
        known = client.has(outgoing)
        if known is None and not client.drops_repeats and unclear >= MAX_UNCLEAR:
            _give_up(notice, outgoing, "may have arrived: the answers to both tries were lost")
            return None
        if known:
            _log.info(line("notice_known", target=notice.target, eventId=notice.event_id))
            return None
        client.send(outgoing)
    except TargetUnavailable as error:
        return _again(notice, outgoing, error, unclear, now)
    except TargetRefused as error:
        if error.always:
            raise
        _give_up(notice, outgoing, error)
        return None
    told = outgoing.told
    _log.info(
        line(
            "notice_sent",
            target=notice.target,
            eventId=told.event_id,
            requestId=told.request_id,
            outcome=told.outcome,
            reference=told.reference,
            tries=notice.tries + 1,
        )
    )
    return None


def put_back(
    notice: Notice,
    outgoing: Outgoing,
    cause: AppError,
    seconds: float,
    *,
    dequeue_count: int = 1,
    now: datetime | None = None,
) -> Again | None:
    """Let a notice wait because its target is not to be called now. Returns None if it has waited for too long."""
    now = now or datetime.now(UTC)
    first_tried = notice.first_tried or now
    if now - first_tried >= PATIENCE:
        _give_up(notice, outgoing, cause)
        return None
    return Again(replace(notice, unclear=notice.unclear + dequeue_count - 1, first_tried=first_tried), seconds)


def _again(notice: Notice, outgoing: Outgoing, error: TargetUnavailable, unclear: int, now: datetime) -> Again | None:
    again = put_back(
        notice, outgoing, error, max(GAPS[min(notice.tries, len(GAPS) - 1)], error.retry_after or 0.0), now=now
    )
    if again is None:
        return None
    _log.info(
        line("notice_waits", target=notice.target, eventId=notice.event_id, seconds=round(again.seconds), error=error)
    )
    unclear += 1 if error.may_have_worked else 0
    return Again(replace(again.notice, tries=notice.tries + 1, unclear=unclear), again.seconds, error)


def _give_up(notice: Notice, outgoing: Outgoing, error: AppError | str) -> None:
    told = outgoing.told
    _log.warning(
        line(
            "notice_given_up",
            target=notice.target,
            eventId=told.event_id,
            requestId=told.request_id,
            reference=told.reference,
            error=error,
        )
    )
