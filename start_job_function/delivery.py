"""The Functions queue message as the logic knows it."""

from datetime import UTC, datetime

import azure.functions as func

from shared.inbox import Delivery


def delivery(message: func.QueueMessage) -> Delivery:
    """What was delivered; where the host gives no insertion time, now."""
    return Delivery(
        body=message.get_body(),
        message_id=message.id or "",
        inserted=message.insertion_time or datetime.now(UTC),
        dequeue_count=message.dequeue_count or 1,
    )
