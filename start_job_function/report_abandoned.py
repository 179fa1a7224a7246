"""Poison queue: reports requests that failed too often, so that every request gets a terminal event."""

import azure.functions as func

from start_job_function.bindings import (
    CONNECTION,
    DATA_TYPE,
    POISON,
    START_NOTICES,
    START_STATUS,
    QueueMessages,
    blueprint,
)
from start_job_function.delivery import delivery


@blueprint.queue_trigger(arg_name="message", queue_name=POISON, connection=CONNECTION, data_type=DATA_TYPE)
@blueprint.queue_output(arg_name="status", queue_name=START_STATUS, connection=CONNECTION)
@blueprint.queue_output(arg_name="notices", queue_name=START_NOTICES, connection=CONNECTION)
def report_abandoned(message: func.QueueMessage, status: QueueMessages, notices: QueueMessages) -> None:
    """Send a failed/gave_up event with the request in it."""
    from shared.process import process  # imported late, as in start_job
    from start_job_function.told import send

    send(process().inbox.give_up(delivery(message)).events, status, notices)
