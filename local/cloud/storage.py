"""Azure Storage: a server in front of the real table or queue service, so that faults can meet the calls of it.

What is passed on is the call as it came: the signature in it covers its path and its date, and no address.
"""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from local.cloud.calls import Call

_OF_THE_CONNECTION: Final = frozenset({"host", "connection", "keep-alive", "transfer-encoding", "content-length"})
_ERRORS: Final = {
    412: ("UpdateConditionNotSatisfied", "The update condition specified in the request was not satisfied."),
    503: ("ServerBusy", "The server is busy."),
    403: ("AuthorizationFailure", "This request is not authorized to perform this operation."),
}
_OTHER_ERROR: Final = ("InternalError", "The server encountered an internal error.")


class Storage:
    """Passes calls on. `root` is where the service behind it is."""

    def __init__(self, root: str) -> None:
        address = urlsplit(root)
        self._host, self._port = address.hostname or "", address.port
        self._session = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())

    async def work(self, request: web.Request, _call: Call) -> web.Response | None:
        """Pass a call on, and its answer back; None: the service did not answer."""
        body = await request.read()
        try:
            async with self._session.request(
                request.method,
                request.url.with_host(self._host).with_port(self._port),
                headers=_passed_on(request.headers),
                # The Content-Type is signed, too: none must be made up.
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


def tables_error(_request: web.Request, status: int) -> web.Response:
    """An error as the service gives it. Source: Microsoft Learn, "Table Storage error codes"."""
    code, message = _ERRORS.get(status, _OTHER_ERROR)
    value = {"odata.error": {"code": code, "message": {"lang": "en-US", "value": message}}}
    return web.json_response(value, status=status, headers={"x-ms-error-code": code})


def queues_error(_request: web.Request, status: int) -> web.Response:
    """An error as the service gives it. Source: Microsoft Learn, "Status and error codes" (Azure Storage)."""
    code, message = _ERRORS.get(status, _OTHER_ERROR)
    text = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
    return web.Response(text=text, content_type="application/xml", status=status, headers={"x-ms-error-code": code})


def _passed_on(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.lower() not in _OF_THE_CONNECTION}
