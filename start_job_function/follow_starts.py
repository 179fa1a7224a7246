"""Timer: tells what became of the jobs that were started, and looks whether requests lie untouched.

It has no output: the app puts each event on the queue itself, so that it knows that it is there (shared.recovery).
"""

from typing import Any

import azure.functions as func

from shared.configuration import configuration
from start_job_function.bindings import RECOVERY_SCHEDULE, STATUS_TABLE, blueprint


@blueprint.timer_trigger(arg_name="timer", schedule=RECOVERY_SCHEDULE)
def follow_starts(timer: func.TimerRequest, context: func.Context) -> None:  # noqa: ARG001 - the trigger's
    """Look at each started job whose fate is not known."""
    from shared.process import process  # as in start_job

    def join() -> None:
        """Let the log lines of a thread count to this invocation: the host drops them otherwise.

        Source: Microsoft Learn, "Python developer guide" for Azure Functions, "Log from created threads".
        """
        storage: Any = context.thread_local_storage
        storage.invocation_id = context.invocation_id

    configuration().log_faults()
    process().look_at_queue()
    if STATUS_TABLE is not None:
        process().remove_old_statuses()
    process().follow_starts(join)
