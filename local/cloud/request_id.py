"""The id that a service gives to each request. The answer has it in a header, such as Graph's request-id."""

from typing import Final

from aiohttp import web

REQUEST_ID: Final = web.RequestKey("request-id", str)
