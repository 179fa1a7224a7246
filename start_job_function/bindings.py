"""What all triggers use: the blueprint, names from settings (queues, connection, schedule), and an HTTP response."""

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

QueueMessages = func.Out[List[str]]  # noqa: UP006 - with list[str] the Python worker loads no function
"""The type of a queue output: the text of each message."""

DATA_TYPE = func.DataType.BINARY
"""Messages come as bytes. As strings, JSON messages would lose metadata: the host replaces "id", "insertionTime" and
others by the message's own properties of these names. The worker then fails on a value of the wrong form.
"""


def response(answer: Answer) -> func.HttpResponse:
    """The response of the Functions library for an answer."""
    return func.HttpResponse(
        answer.body, status_code=answer.status, mimetype=answer.content_type, headers=dict(answer.headers)
    )


blueprint = func.Blueprint()  # type: ignore[no-untyped-call]
