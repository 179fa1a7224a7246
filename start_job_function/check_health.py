"""HTTP: says whether all that the app needs is there."""

import os

import azure.functions as func

from shared.configuration import configuration
from start_job_function.bindings import blueprint, response


@blueprint.route(route="health", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.FUNCTION)
def check_health(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/health[?servicePrincipalId=…]: each link of the chain in a sentence; 200, or 503 where one fails."""
    from shared.health.run import health  # with requests and azure.identity, which HTTP instances do without

    answer = health(req.params, configuration(), os.environ)
    return response(answer)
