"""HTTP: takes start requests, puts them on the queue, and answers at once."""

import azure.functions as func

from shared.configuration import Use, configuration
from start_job_function.bindings import CONNECTION, START_REQUESTS, QueueMessages, blueprint, response


@blueprint.route(route="start-requests", methods=[func.HttpMethod.POST], auth_level=func.AuthLevel.FUNCTION)
@blueprint.queue_output(arg_name="requests", queue_name=START_REQUESTS, connection=CONNECTION)
def take_start_requests(req: func.HttpRequest, requests: QueueMessages) -> func.HttpResponse:
    """POST /api/start-requests: one start request, or an array of them."""
    from shared.intake.problem import wrong_settings  # which only HTTP instances need, as the two below
    from shared.intake.start_requests import Taken, take
    from shared.request.message import pack

    if faults := configuration().faults_of(Use.INTAKE):
        taken = Taken(wrong_settings(faults))
    else:
        taken = take(req.get_body(), {name.lower(): value for name, value in req.headers.items()})
    answer = taken.answer
    if taken.requests:
        requests.set(pack(taken.requests))
        if keys := configuration().status_keys:
            from shared.status.address import with_addresses  # not needed without the setting

            answer = with_addresses(answer, req.url, keys)
    return response(answer)
