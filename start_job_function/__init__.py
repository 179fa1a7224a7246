"""The app's triggers, one thin module each. The logic is in `shared`."""

from shared.configuration import configuration
from start_job_function import (
    check_health,
    follow_starts,
    report_abandoned,
    send_notice,
    start_job,
    take_payload,
    take_start_requests,
)
from start_job_function.bindings import STATUS_TABLE, blueprint

if STATUS_TABLE is not None:
    from start_job_function import list_start_requests, read_start_request  # noqa: F401 - they register themselves

if configuration().settings.watch:
    # Without the setting, the app has no timer for it and does not load the module.
    from start_job_function import watch_jobs  # noqa: F401 - registers itself

__all__ = [
    "blueprint",
    "check_health",
    "follow_starts",
    "report_abandoned",
    "send_notice",
    "start_job",
    "take_payload",
    "take_start_requests",
]
