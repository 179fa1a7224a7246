"""HTTP: returns a request's status at its signed address. It is registered only if the app has a status table."""

from typing import Any

import azure.functions as func

from shared.configuration import configuration
from start_job_function.bindings import blueprint, response


@blueprint.route(route="start-requests/{requestId}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
def read_start_request(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/start-requests/{requestId}. The address is signed, because pollers do not send the key."""
    from shared.status.answers import of_request  # other instances do not need it

    def table() -> Any:
        from shared.process import process  # imported late, and only for a valid address

        return process().status_table()

    set_up = configuration()
    answer = of_request(
        req.route_params["requestId"],
        req.params,
        req.url,
        keys=set_up.status_keys,
        settings=set_up.settings,
        table=table,
    )
    return response(answer)
