"""The blueprint on which every trigger registers itself, and what the settings name: queues, connection, schedule."""

import azure.functions as func

from shared.settings import current

_settings = current()

CONNECTION = _settings.queue_connection
START_REQUESTS = _settings.start_requests_queue
START_STATUS = _settings.start_status_queue
START_RECOVERY = _settings.start_recovery_queue
RECOVERY_SCHEDULE = _settings.recovery_schedule
POISON = _settings.poison_queue

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]
