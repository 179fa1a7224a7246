"""The managed identity endpoint of App Service and Functions.

Source: Microsoft Learn, "Managed identities for App Service and Azure Functions", REST endpoint reference.
"""

import hmac
from typing import Final

from aiohttp import web

from local.cloud.calls import Call
from local.cloud.request_id import REQUEST_ID
from local.cloud.tokens import DAY_SECONDS, Tokens

PATH: Final = "/msi/token"
_API_VERSION: Final = "2019-08-01"
_ERRORS: Final = {
    400: "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.",
    429: "Temporarily throttled, too many requests",
    500: "An unexpected error occured while fetching the AAD Token.",
}


class Identity:
    """Issues tokens to callers that send the right X-IDENTITY-HEADER."""

    def __init__(self, tokens: Tokens, header: str) -> None:
        self._tokens = tokens
        self._header = header.encode()
        self.lifetime_seconds = DAY_SECONDS
        self.expires_on: str | None = None
        """Sent as `expires_on` of every token, instead of the seconds since 1970."""

    async def work(self, request: web.Request, _call: Call) -> web.Response:
        """Answer a request for a token."""
        if (request.method, request.path) != ("GET", PATH):
            return identity_error(request, 404)
        given = request.headers.get("X-IDENTITY-HEADER", "")
        if not hmac.compare_digest(given.encode(errors="replace"), self._header):
            return identity_error(request, 401)
        resource = request.query.get("resource")
        if not resource or request.query.get("api-version") != _API_VERSION:
            return identity_error(request, 400)
        token = self._tokens.issue(resource, self.lifetime_seconds)
        answer = {
            "access_token": token.text,
            "expires_on": str(token.expires_on) if self.expires_on is None else self.expires_on,
            "resource": resource,
            "token_type": "Bearer",
        }
        if client_id := request.query.get("client_id"):
            answer["client_id"] = client_id
        return web.json_response(answer)


def identity_error(request: web.Request, status: int) -> web.Response:
    """An error as the endpoint sends it, in its own spelling."""
    message = _ERRORS.get(status, "The request failed.")
    error = {"statusCode": status, "message": message, "correlationId": request[REQUEST_ID]}
    return web.json_response(error, status=status)
