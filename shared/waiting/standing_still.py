"""Whether the start-requests queue stands still: the Functions host's listener was seen to end at a storage fault.

It stayed ended for hours and days, while timers ran on (azure-functions-host issues 4126 and 9706). So the timer looks.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from shared.errors import TransientError
from shared.log import line
from shared.time_text import format_time

if TYPE_CHECKING:
    from shared.waiting.requests_queue import RequestsQueue

LONGEST_UNTOUCHED = timedelta(minutes=10)
"""How long a start request may be visible before operators are told."""

_log = logging.getLogger(__name__)


def look_at(queue: RequestsQueue) -> None:
    """Log it where the oldest visible start request has been there for too long. Raises nothing but faults of ours."""
    try:
        oldest = queue.oldest()
    except TransientError as error:
        _log.warning(line("queue_not_looked_at", error=error))
        return
    now = datetime.now(UTC)
    if oldest is not None and now - oldest.since > LONGEST_UNTOUCHED:
        minutes = f"{(now - oldest.since).total_seconds() / 60:.0f}m"
        _log.error(
            line("queue_stands_still", messageId=oldest.message_id, since=format_time(oldest.since), waits=minutes)
        )
