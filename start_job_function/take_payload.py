"""HTTP: takes the payloads of alerts and tickets as they are sent, puts start requests on the queue, and answers."""

import azure.functions as func

from shared.configuration import Use, configuration
from start_job_function.bindings import (
    CONNECTION,
    START_NOTICES,
    START_REQUESTS,
    START_STATUS,
    QueueMessages,
    blueprint,
    response,
)


@blueprint.route(
    route="start-requests/{source}",
    methods=[func.HttpMethod.POST, func.HttpMethod.OPTIONS],
    auth_level=func.AuthLevel.FUNCTION,
)
@blueprint.queue_output(arg_name="requests", queue_name=START_REQUESTS, connection=CONNECTION)
@blueprint.queue_output(arg_name="status", queue_name=START_STATUS, connection=CONNECTION)
@blueprint.queue_output(arg_name="notices", queue_name=START_NOTICES, connection=CONNECTION)
def take_payload(
    req: func.HttpRequest, requests: QueueMessages, status: QueueMessages, notices: QueueMessages
) -> func.HttpResponse:
    """POST /api/start-requests/{source}: an alert, a ticket, or any other payload of a known kind of sender.

    OPTIONS is the handshake of CloudEvents' webhook specification: a sender asks whether it may send.
    """
    from shared.intake.payloads import options, take  # imports every source, which the other route does not need
    from shared.intake.problem import wrong_settings
    from shared.intake.repeats import worth_reporting
    from shared.request.message import pack

    headers = {name.lower(): value for name, value in req.headers.items()}
    set_up = configuration()
    source, body = req.route_params["source"], req.get_body()
    if faults := set_up.faults_of(Use.INTAKE):
        answer = wrong_settings(faults)
    elif req.method == "OPTIONS":
        answer = options(source, headers, open_sources=set_up.open_sources, closed_sources=set_up.closed_sources)
    else:
        taken = take(
            source,
            body,
            headers,
            set_up.settings,
            set_up.webhook_keys,
            open_sources=set_up.open_sources,
            closed_sources=set_up.closed_sources,
        )
        answer = taken.answer
        if taken.requests:
            requests.set(pack(taken.requests))
        if events := worth_reporting(source, body, taken):
            from start_job_function.told import send  # imported late, as above

            # An HTTP instance has no connection to tables, and its answer has the same content as the event.
            send(events, status, notices, keep=False)
    return response(answer)
