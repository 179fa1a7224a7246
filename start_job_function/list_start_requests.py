"""HTTP: lists the last requests of an application. It is registered only if the app has a status table."""

import azure.functions as func

from start_job_function.bindings import blueprint, response


@blueprint.route(route="start-requests", methods=[func.HttpMethod.GET], auth_level=func.AuthLevel.FUNCTION)
def list_start_requests(req: func.HttpRequest) -> func.HttpResponse:
    """GET /api/start-requests?servicePrincipal=…&top=…: newest first, in pages."""
    from shared.process import process  # imported late, as in start_job
    from shared.status.answers import of_application

    answer = of_application(req.params, req.url, table=lambda: process().status_table())
    return response(answer)
