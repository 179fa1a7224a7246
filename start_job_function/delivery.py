"""Converts a queue message of Functions for the logic."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import azure.functions as func

    from shared.inbox import Delivery


def delivery(message: func.QueueMessage) -> Delivery:
    """The message as a Delivery. If the host gives no id or time, it gets a new id and the time now."""
    from shared.inbox import Delivery  # imported late, as in start_job

    return Delivery(
        body=message.get_body(),
        message_id=message.id or str(uuid.uuid4()),
        inserted=message.insertion_time or datetime.now(UTC),
        dequeue_count=message.dequeue_count or 1,
    )
