"""HTTP: says what became of a request, at its signed address. Registered where the app has a status table."""

from typing import Any

import azure.functions as func

from shared.configuration import configuration
from start_job_function.bindings import blueprint, response


@blueprint.route(route="start-requests/{requestId}", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.ANONYMOUS)
def read_start_request(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/start-requests/{requestId}. The address's signature stands in for the key: pollers drop that."""
    from shared.status.answers import of_request  # which other instances do without

    def table() -> Any:
        from shared.process import process  # as in start_job, and only for an address that was not made up

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
