"""$batch: up to 20 calls in one. Each part is a call of its own, so that faults and limits apply to it too.

Source: Microsoft Graph, "Combine multiple HTTP requests using JSON batching". Parts that depend on each other are not
simulated.
"""

import asyncio
import base64
import json
import random
from http import HTTPStatus
from typing import Any, Final

import aiohttp
from aiohttp import web

from local.cloud.calls import BATCH_HEADER
from local.cloud.fields import Fields

_MOST: Final = 20
_KEPT: Final = frozenset({"content-type", "retry-after", "location", "www-authenticate", "etag"})


class Batch:
    """Makes the calls of a batch in parallel."""

    def __init__(self) -> None:
        self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())

    async def answer(self, request: web.Request, root: str) -> web.Response:
        """Answer a batch, with its parts in random order. `root` is Graph's URL with the version. Raises ValueError."""
        try:
            value = await request.json()
        except ValueError as fault:
            raise ValueError("Invalid batch payload format.") from fault
        parts = _parse(value)
        authorization = request.headers.get("Authorization", "")
        responses = await asyncio.gather(*(self._call(root, part, authorization) for part in parts))
        random.shuffle(responses)
        return web.json_response({"responses": responses})

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _call(self, root: str, part: dict[str, Any], authorization: str) -> dict[str, Any]:
        headers = {**part["headers"], "Authorization": authorization, BATCH_HEADER: part["id"]}
        body = part["body"]
        try:
            async with self._session.request(
                part["method"],
                f"{root}/{part['url'].removeprefix('/')}",
                headers=headers,
                data=None if body is None else json.dumps(body),
                allow_redirects=False,
            ) as answer:
                return _response(part["id"], answer.status, answer, await answer.read())
        except aiohttp.ClientError:
            error = {"error": {"code": "UnknownError", "message": ""}}
            return {"id": part["id"], "status": HTTPStatus.GATEWAY_TIMEOUT, "headers": {}, "body": error}


def _parse(value: object) -> list[dict[str, Any]]:
    batch = Fields(value, "batch")
    requests = batch.objects("requests")
    batch.end()
    if not 1 <= len(requests) <= _MOST:
        raise ValueError(f"Number of requests in a batch must be from 1 to {_MOST}.")
    parts = [_part(Fields(each, f"batch.requests[{index}]")) for index, each in enumerate(requests)]
    if len({part["id"] for part in parts}) < len(parts):
        raise ValueError("Request Id values must be unique in a batch.")
    return parts


def _part(fields: Fields) -> dict[str, Any]:
    part = {name: fields.text(name) for name in ("id", "method", "url")}
    if not all(part.values()):
        raise ValueError(f"{fields.place} must have id, method and url.")
    headers = {name: ", ".join(values) for name, values in fields.texts_or_lists("headers").items()}
    body = fields.anything("body", None)
    fields.end()
    if body is not None and "content-type" not in {name.lower() for name in headers}:
        raise ValueError(f"{fields.place} has a body, and no Content-Type.")
    return {**part, "headers": headers, "body": body}


def _response(part_id: str, status: int, answer: aiohttp.ClientResponse, body: bytes) -> dict[str, Any]:
    headers = {name: value for name, value in answer.headers.items() if name.lower() in _KEPT}
    response: dict[str, Any] = {"id": part_id, "status": status, "headers": headers}
    if body:
        try:
            response["body"] = json.loads(body)
        except ValueError:
            # A body that is not JSON is sent in Base64.
            response["body"] = base64.b64encode(body).decode()
    return response
