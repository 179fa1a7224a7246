"""Azure Tables and Queues: a server in front of the real service, so that faults can be injected.

Calls are forwarded unchanged. Their signature covers the path and the date, but not the host.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from local.cloud.calls import Call
from local.cloud.job_form import graph_time
from local.cloud.request_id import REQUEST_ID

_OF_THE_CONNECTION: Final = frozenset({"host", "connection", "keep-alive", "transfer-encoding", "content-length"})
# The usual code per status. Where several codes share a status, it is one of a storage account that is not ready yet.
_TABLE_ERRORS: Final = {
    403: (
        "AuthorizationPermissionMismatch",
        "This request is not authorized to perform this operation using this permission.",
    ),
    404: ("TableNotFound", "The table specified does not exist."),
    409: ("TableBeingDeleted", "The specified table is being deleted. Try operation later."),
    412: ("UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied."),
    503: ("ServerBusy", "The server is busy."),
}
_QUEUE_ERRORS: Final = {
    403: ("AuthorizationFailure", "This request is not authorized to perform this operation."),
    404: ("QueueNotFound", "The specified queue does not exist."),
    409: ("QueueBeingDeleted", "The specified queue is being deleted."),
    503: ("ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
}
_OTHER_ERROR: Final = ("InternalError", "The server encountered an internal error.")


class Storage:
    """Forwards calls to the service at `root`."""

    def __init__(self, root: str) -> None:
        address = urlsplit(root)
        self._host, self._port = address.hostname or "", address.port
        self._session = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())

    async def work(self, request: web.Request, _call: Call) -> web.Response | None:
        """Forward a call and return the answer, or None if the service did not answer."""
        body = await request.read()
        try:
            async with self._session.request(
                request.method,
                request.url.with_host(self._host).with_port(self._port),
                headers=_passed_on(request.headers),
                # The signature covers Content-Type too, so that none may be added.
                skip_auto_headers=("Content-Type",),
                data=body or None,
                allow_redirects=False,
            ) as answer:
                return web.Response(status=answer.status, headers=_passed_on(answer.headers), body=await answer.read())
        except aiohttp.ClientError:
            return None

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def tables_error(request: web.Request, status: int) -> web.Response:
    """An error as the table service gives it. Source: Microsoft Learn, "Table Storage error codes"."""
    code, message = _TABLE_ERRORS.get(status, _OTHER_ERROR)
    error = {"code": code, "message": {"lang": "en-US", "value": _with_id(request, message)}}
    return web.json_response({"odata.error": error}, status=status, headers={"x-ms-error-code": code})


def queues_error(request: web.Request, status: int) -> web.Response:
    """An error as the queue service gives it. Source: Microsoft Learn, "Queue Storage error codes"."""
    code, message = _QUEUE_ERRORS.get(status, _OTHER_ERROR)
    text = f"<Code>{code}</Code><Message>{_with_id(request, message)}</Message>"
    return web.Response(
        status=status,
        text=f'<?xml version="1.0" encoding="utf-8"?><Error>{text}</Error>',
        content_type="application/xml",
        headers={"x-ms-error-code": code},
    )


def _with_id(request: web.Request, message: str) -> str:
    return f"{message}\nRequestId:{request[REQUEST_ID]}\nTime:{graph_time(datetime.now(UTC))}"


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}
