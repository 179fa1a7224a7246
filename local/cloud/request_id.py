"""The id by which a service knows a request: it goes into the answer, as Graph's request-id does."""

from typing import Final

from aiohttp import web

REQUEST_ID: Final = web.RequestKey("request-id", str)
