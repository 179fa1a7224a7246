"""The blueprint on which every trigger registers itself, and what the settings name: queues, connection, schedule."""

from typing import List  # noqa: UP035 - see QueueMessages

import azure.functions as func

from shared.configuration import configuration

_settings = configuration().settings

CONNECTION = _settings.queue_connection
START_REQUESTS = _settings.start_requests_queue
START_STATUS = _settings.start_status_queue
START_NOTICES = _settings.start_notices_queue
RECOVERY_SCHEDULE = _settings.recovery_schedule
POISON = _settings.poison_queue
STATUS_TABLE = _settings.status_table

QueueMessages = func.Out[List[str]]  # noqa: UP006 - the Python worker refuses list[str] here, and loads no function then
"""What a queue output takes: the texts of messages, one message each."""

DATA_TYPE = func.DataType.BINARY
"""Messages come as bytes. From a string that is JSON, the host would put the message's own "id", "insertionTime" and
so on in place of what it knows of the message, and the worker would fail on one of the wrong form.
"""

blueprint = func.Blueprint()  # type: ignore[no-untyped-call]
