"""Queue: processes start requests, and reports the results."""

import azure.functions as func

from start_job_function.bindings import (
    CONNECTION,
    DATA_TYPE,
    START_NOTICES,
    START_REQUESTS,
    START_STATUS,
    QueueMessages,
    blueprint,
)
from start_job_function.delivery import delivery


@blueprint.queue_trigger(arg_name="message", queue_name=START_REQUESTS, connection=CONNECTION, data_type=DATA_TYPE)
@blueprint.queue_output(arg_name="status", queue_name=START_STATUS, connection=CONNECTION)
@blueprint.queue_output(arg_name="notices", queue_name=START_NOTICES, connection=CONNECTION)
@blueprint.queue_output(arg_name="requests", queue_name=START_REQUESTS, connection=CONNECTION)
def start_job(
    message: func.QueueMessage, status: QueueMessages, notices: QueueMessages, requests: QueueMessages
) -> None:
    """Do what the message asks for, or put it back for later. If this raises, the host delivers the message again."""
    from shared.process import process  # late: it imports requests and azure.identity, which HTTP instances do not need
    from shared.request.message import unpack
    from start_job_function.told import send

    handled = process().inbox.handle(delivery(message))
    send(handled.events, status, notices)
    if handled.requests or handled.waiting:
        requests.set([*unpack(handled.requests), *handled.waiting])
