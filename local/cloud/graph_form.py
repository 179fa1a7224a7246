"""How Graph writes errors. Source: Microsoft Graph reference, "Error responses"."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Final

from aiohttp import web

from local.cloud.request_id import REQUEST_ID

# The usual error per status. Synchronization answers a missing permission with 401 and no message.
_ERRORS: Final[Mapping[int, tuple[str, str]]] = {
    HTTPStatus.BAD_REQUEST: ("BadRequest", "Invalid request."),
    HTTPStatus.UNAUTHORIZED: ("UnknownError", ""),
    HTTPStatus.FORBIDDEN: ("Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
    HTTPStatus.NOT_FOUND: ("ResourceNotFound", "The resource could not be found."),
    HTTPStatus.CONFLICT: ("ConflictError", "The resource was changed by another request."),
    HTTPStatus.TOO_MANY_REQUESTS: ("TooManyRequests", "Too many requests."),
    HTTPStatus.INTERNAL_SERVER_ERROR: ("InternalServerError", "The server encountered an error."),
    HTTPStatus.BAD_GATEWAY: ("BadGateway", "The server received no valid answer."),
    HTTPStatus.SERVICE_UNAVAILABLE: ("ServiceUnavailable", "The service is temporarily unavailable."),
    HTTPStatus.GATEWAY_TIMEOUT: ("GatewayTimeout", "The server received no answer in time."),
}


def graph_error(
    request: web.Request, status: int, *, code: str | None = None, message: str | None = None
) -> web.Response:
    """An error in Graph's form. Code and message default to the usual ones for the status."""
    usual_code, usual_message = _ERRORS.get(status, ("UnknownError", ""))
    request_id = request[REQUEST_ID]
    error = {
        "code": usual_code if code is None else code,
        "message": usual_message if message is None else message,
        "innerError": {
            "date": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S}",
            "request-id": request_id,
            "client-request-id": client_request_id(request),
        },
    }
    return stamp(request, web.json_response({"error": error}, status=status))


def stamp(request: web.Request, response: web.Response) -> web.Response:
    """Add the headers that Microsoft support needs to find a call."""
    response.headers["request-id"] = request[REQUEST_ID]
    response.headers["client-request-id"] = client_request_id(request)
    return response


def client_request_id(request: web.Request) -> str:
    """The caller's own id of the request, or Graph's id if it sent none."""
    return request.headers.get("client-request-id", request[REQUEST_ID])
