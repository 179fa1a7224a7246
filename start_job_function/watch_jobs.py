"""Timer: looks at the watched jobs, and requests a start of those in a new quarantine. It exists only with WATCH."""

import azure.functions as func

from shared.configuration import configuration
from shared.schedule import drawn
from start_job_function.bindings import CONNECTION, START_NOTICES, START_STATUS, QueueMessages, blueprint

_settings = configuration().settings
_SCHEDULE = _settings.watch_schedule or drawn(_settings.site_name, minutes=10)


@blueprint.timer_trigger(arg_name="timer", schedule=_SCHEDULE)
@blueprint.queue_output(arg_name="status", queue_name=START_STATUS, connection=CONNECTION)
@blueprint.queue_output(arg_name="notices", queue_name=START_NOTICES, connection=CONNECTION)
def watch_jobs(timer: func.TimerRequest, status: QueueMessages, notices: QueueMessages) -> None:  # noqa: ARG001 - the trigger's
    """Put a request on start-requests for each new quarantine. Send an event if Graph refuses reads."""
    from shared.process import process  # imported late, as in start_job
    from start_job_function.told import send

    send(process().watch_jobs(), status, notices)
