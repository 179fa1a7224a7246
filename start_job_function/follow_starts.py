"""Timer: reports whether started jobs have recovered, and checks whether requests on the queue are being processed.

It has no output binding: the app puts each event on the queue itself, and so knows that it is there (shared.recovery).
"""

from typing import Any

import azure.functions as func

from shared.configuration import configuration
from start_job_function.bindings import RECOVERY_SCHEDULE, STATUS_TABLE, blueprint


@blueprint.timer_trigger(arg_name="timer", schedule=RECOVERY_SCHEDULE)
def follow_starts(timer: func.TimerRequest, context: func.Context) -> None:  # noqa: ARG001 - the trigger requires it
    """Look at each started job whose fate is not known yet."""
    from shared.process import process  # imported late, as in start_job

    def join() -> None:
        """Attribute a thread's log lines to this invocation; otherwise the host drops them.

        Source: Microsoft Learn, "Python developer guide" for Azure Functions, "Log from created threads".
        """
        storage: Any = context.thread_local_storage
        storage.invocation_id = context.invocation_id

    configuration().log_faults()
    process().look_at_queue()
    if STATUS_TABLE is not None:
        process().remove_old_statuses()
    process().follow_starts(join)
