"""Sends an answer unchanged, encoded differently, byte by byte, or broken off."""

import asyncio
import gzip
from contextlib import suppress
from typing import Final

from aiohttp import web

from local.cloud.happening import SendAs, Transfer

_BOM: Final = b"\xef\xbb\xbf"


async def send(request: web.Request, response: web.Response, transfer: Transfer) -> web.StreamResponse:
    """The answer. If it is not sent in the usual way, it has been sent already."""
    body = _body(response)
    match transfer.send_as:
        case SendAs.BOM:
            body = _BOM + body
        case SendAs.GZIP:
            body = gzip.compress(body)
    headers = response.headers.copy()
    headers.popall("Content-Length", None)
    if transfer.send_as in (SendAs.GZIP, SendAs.FALSE_GZIP):
        headers["Content-Encoding"] = "gzip"
    if not transfer.seconds_per_byte and transfer.cut_after_bytes is None:
        return web.Response(status=response.status, headers=headers, body=body)
    sent = web.StreamResponse(status=response.status, headers=headers)
    sent.content_length = len(body)
    # The caller has disconnected: there is no one to report it to.
    with suppress(ConnectionError):
        await sent.prepare(request)
        await _write(sent, body[: transfer.cut_after_bytes], transfer.seconds_per_byte)
        if transfer.cut_after_bytes is None or transfer.cut_after_bytes >= len(body):
            await sent.write_eof()
    if request.transport is not None:
        request.transport.close()
    return sent


async def _write(sent: web.StreamResponse, body: bytes, seconds_per_byte: float) -> None:
    if not seconds_per_byte:
        await sent.write(body)
        return
    for index in range(len(body)):
        await sent.write(body[index : index + 1])
        await asyncio.sleep(seconds_per_byte)


def _body(response: web.Response) -> bytes:
    body = response.body
    return bytes(body) if isinstance(body, (bytes, bytearray)) else b""
