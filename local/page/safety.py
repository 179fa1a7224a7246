"""Protects the page: only a person with a browser on this machine who opened it may use it.

It listens on loopback. Another site must not press its buttons with a form, so origin and token are checked. A DNS name
that points to this address must not work either, so the host is checked. Text on the page cannot run code, because the
content security policy allows only the page's own script and style.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from aiohttp import web

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.typedefs import Middleware

TOKEN_FIELD: Final = "token"

_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NAMES: Final = frozenset({"127.0.0.1", "localhost"})


def guard(token: str) -> Middleware:
    """Refuse requests of others, and add the headers that browsers enforce."""

    @web.middleware
    async def check(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if not _is_here(request):
            raise web.HTTPForbidden(text="This page is for http://127.0.0.1 alone.\n", headers=_HEADERS)
        if request.method not in ("GET", "HEAD") and not await _is_own_form(request, token):
            raise web.HTTPForbidden(
                text="This was not sent by the page that is open now: load it again.\n", headers=_HEADERS
            )
        response = await handler(request)
        response.headers.update(_HEADERS)
        return response

    return check


def _is_here(request: web.Request) -> bool:
    """Whether the request names this machine, and not a DNS name that points to it."""
    try:
        return urlsplit(f"//{request.host}").hostname in _NAMES
    except ValueError:
        return False


async def _is_own_form(request: web.Request, token: str) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None and origin != f"http://{request.host}":
        return False
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return False
    given = (await request.post()).get(TOKEN_FIELD, "")
    return isinstance(given, str) and hmac.compare_digest(given.encode(), token.encode())
