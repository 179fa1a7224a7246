"""Queue: reports whether a start helped, once it is known.

Its poison queue needs no function: as long as the ledger does not hold a fate, the next run of follow_starts queues
it again.
"""

import azure.functions as func

from start_job_function.bindings import (
    CONNECTION,
    DATA_TYPE,
    START_NOTICES,
    START_RECOVERY,
    START_STATUS,
    QueueMessages,
    blueprint,
)
from start_job_function.delivery import delivery


@blueprint.queue_trigger(arg_name="message", queue_name=START_RECOVERY, connection=CONNECTION, data_type=DATA_TYPE)
@blueprint.queue_output(arg_name="status", queue_name=START_STATUS, connection=CONNECTION)
@blueprint.queue_output(arg_name="notices", queue_name=START_NOTICES, connection=CONNECTION)
def report_recovery(message: func.QueueMessage, status: QueueMessages, notices: QueueMessages) -> None:
    """Send a recovered, relapsed or unconfirmed event."""
    from shared.process import process  # as in start_job
    from start_job_function.told import send

    event = process().report_recovery(delivery(message))
    if event is not None:
        send([event], status, notices)
