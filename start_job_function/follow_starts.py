"""Timer: looks at the jobs that were started, until the fate of each is known, and whether requests lie untouched."""

import azure.functions as func

from start_job_function.bindings import CONNECTION, RECOVERY_SCHEDULE, START_RECOVERY, QueueMessages, blueprint


@blueprint.timer_trigger(arg_name="timer", schedule=RECOVERY_SCHEDULE)
@blueprint.queue_output(arg_name="recoveries", queue_name=START_RECOVERY, connection=CONNECTION)
def follow_starts(timer: func.TimerRequest, recoveries: QueueMessages) -> None:  # noqa: ARG001 - the trigger's
    """Put one message a known fate on the queue of report_recovery."""
    from shared.process import process  # as in start_job

    process().look_at_queue()
    seen = process().follow_starts()
    if seen:
        recoveries.set([recovery.to_message() for recovery in seen])
