"""Checks whether the queue start-requests does not move.

After a storage fault, the Functions host's queue listener was seen to end, for hours and days. Timers still ran
(azure-functions-host issues 4126 and 9706), so a timer checks the queue.
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
"""How long a start request may be visible before an error is logged."""

_log = logging.getLogger(__name__)


def look_at(queue: RequestsQueue) -> None:
    """Log an error if the oldest start request has been visible for longer than LONGEST_UNTOUCHED.

    If the queue cannot be read, that is logged as a warning.
    """
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
