"""HTTP: checks that everything the app needs is available."""

import os

import azure.functions as func

from shared.configuration import configuration
from start_job_function.bindings import blueprint, response


@blueprint.route(route="health", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.FUNCTION)
def check_health(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/health[?servicePrincipalId=…]: the result of each check in a sentence. 200, or 503 if one fails."""
    from shared.health.run import health  # imports requests and azure.identity, which other HTTP instances do not need

    answer = health(req.params, configuration(), os.environ)
    return response(answer)
