"""HTTP: takes what alerts and tickets send as they really send it, puts start requests on the queue, and answers."""

import azure.functions as func

from shared.configuration import configuration
from shared.request.message import pack
from start_job_function.bindings import CONNECTION, START_REQUESTS, START_STATUS, QueueMessages, blueprint


@blueprint.route(route="start-requests/{source}", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.FUNCTION)
@blueprint.queue_output(arg_name="requests", queue_name=START_REQUESTS, connection=CONNECTION)
@blueprint.queue_output(arg_name="status", queue_name=START_STATUS, connection=CONNECTION)
def take_payload(req: func.HttpRequest, requests: QueueMessages, status: QueueMessages) -> func.HttpResponse:
    """POST /api/start-requests/{source}: an alert, a ticket, or any other payload of a known kind of sender."""
    from shared.intake.payloads import take  # and every source with it, which the other route does without

    headers = {name.lower(): value for name, value in req.headers.items()}
    set_up = configuration()
    taken = take(req.route_params["source"], req.get_body(), headers, set_up.settings, set_up.webhook_keys)
    if taken.requests:
        requests.set(pack(taken.requests))
    if taken.events:
        status.set([event.to_message() for event in taken.events])
    answer = taken.answer
    return func.HttpResponse(answer.body, status_code=answer.status, mimetype=answer.content_type)
