"""Queue: tells people about an event. Each message is for one target, so that a failure repeats only that target's."""

import azure.functions as func

from start_job_function.bindings import CONNECTION, DATA_TYPE, START_NOTICES, blueprint
from start_job_function.delivery import delivery


@blueprint.queue_trigger(arg_name="message", queue_name=START_NOTICES, connection=CONNECTION, data_type=DATA_TYPE)
def send_notice(message: func.QueueMessage) -> None:
    """Deliver a notice. If its target is unavailable, the notice goes back on the queue for later."""
    from shared.process import process  # imported late, as in start_job

    process().send_notice(delivery(message))
