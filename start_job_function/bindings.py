"""What all triggers use: the blueprint, the names that settings give (queues, connection, schedule), an HTTP answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, List  # noqa: UP035 - see QueueMessages

import azure.functions as func

from shared.configuration import configuration

if TYPE_CHECKING:
    from shared.intake.problem import Answer

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


def response(answer: Answer) -> func.HttpResponse:
    """What the host sends to an HTTP client."""
    return func.HttpResponse(
        answer.body, status_code=answer.status, mimetype=answer.content_type, headers=dict(answer.headers)
    )


blueprint = func.Blueprint()  # type: ignore[no-untyped-call]
