"""The triggers of the app: thin, one module each. The logic is in `shared`."""

from start_job_function import report_abandoned, start_job, take_payload, take_start_requests
from start_job_function.bindings import blueprint

__all__ = ["blueprint", "report_abandoned", "start_job", "take_payload", "take_start_requests"]
