"""The triggers of the app: thin, one module each. The logic is in `shared`."""

from start_job_function import (
    follow_starts,
    report_abandoned,
    report_recovery,
    send_notice,
    start_job,
    take_payload,
    take_start_requests,
)
from start_job_function.bindings import blueprint

__all__ = [
    "blueprint",
    "follow_starts",
    "report_abandoned",
    "report_recovery",
    "send_notice",
    "start_job",
    "take_payload",
    "take_start_requests",
]
