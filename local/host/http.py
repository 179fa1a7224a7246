"""HTTP triggers: routes, keys, and conversion between HTTP and the worker's messages."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from local.host.errors import InvocationFailed, StartFault
from local.host.functions import AuthLevel, Function, HttpTrigger
from local.host.invoker import Invoker
from local.host.protos import Nullable, RpcHttp, RpcHttpCookie, TypedData
from local.host.routes import split_path
from local.host.trace_context import TraceContext

_LARGEST_BODY: Final = 100 * 1024 * 1024
# The server sets these from the body that it sends.
_FRAMING: Final = frozenset({"content-length", "transfer-encoding", "connection"})


class HttpServer:
    """Serves the HTTP functions of an app below the route prefix."""

    def __init__(
        self, functions: Iterable[tuple[Function, HttpTrigger]], *, prefix: str, key: str, invoker: Invoker
    ) -> None:
        self._functions = sorted(functions, key=lambda entry: entry[1].route.precedence)
        self._prefix = split_path(prefix.lower())
        self._key = key.encode()
        self._invoker = invoker
        self._runner: web.AppRunner | None = None

    async def start(self, port: int) -> str:
        """Listen on loopback; 0 takes a free port. Returns the root URL. Raises StartFault if the port is taken."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._handle)
        # The host waits for running invocations itself, so the server does not have to. A compressed body is passed on
        # as it is, as by Kestrel.
        self._runner = web.AppRunner(
            application, access_log=None, handle_signals=False, shutdown_timeout=3600, auto_decompress=False
        )
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", port).start()
        except OSError as fault:
            raise StartFault(f"port {port} cannot be used: {fault.strerror}") from fault
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Take no more requests, and wait for the answers to those in progress."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        for function, trigger in self._functions:
            if trigger.methods and request.method not in trigger.methods:
                continue
            parameters = self._match(trigger, request)
            if parameters is None:
                continue
            if trigger.auth_level is AuthLevel.FUNCTION and not self._has_key(request):
                return web.Response(status=401)
            return await self._run(function, request, parameters)
        return web.Response(status=404)

    def _match(self, trigger: HttpTrigger, request: web.Request) -> dict[str, str] | None:
        path = split_path(request.rel_url.raw_path)
        depth = len(self._prefix)
        if [segment.lower() for segment in path[:depth]] != self._prefix:
            return None
        return trigger.route.match(path[depth:])

    def _has_key(self, request: web.Request) -> bool:
        given = request.headers.get("x-functions-key") or request.query.get("code") or ""
        return hmac.compare_digest(given.encode(errors="replace"), self._key)

    async def _run(self, function: Function, request: web.Request, parameters: dict[str, str]) -> web.Response:
        # A chunked body has no length, and the real host passes on no body without one.
        body = await request.read() if request.content_length else b""
        incoming = RpcHttp(
            method=request.method,
            url=str(request.url),
            headers={name.lower(): ",".join(request.headers.getall(name)) for name in request.headers},
            params=parameters,
            query=_query(request),
            body=TypedData(bytes=body),
        )
        try:
            outputs = await self._invoker.invoke(
                function,
                value=TypedData(http=incoming),
                trigger_metadata={name: TypedData(string=value) for name, value in parameters.items()},
                trace=TraceContext.below(request.headers.get("traceparent"), request.headers.get("tracestate")),
                reason=f"{request.method} {request.path}",
            )
        except InvocationFailed:
            return web.Response(status=500)
        answer = outputs.get(function.http_output) if function.http_output else None
        return _response(answer)


def _query(request: web.Request) -> dict[str, str]:
    """The query. Repeated names are joined by commas; names without a value are dropped."""
    joined = {name: ",".join(request.query.getall(name)) for name in request.query}
    return {name: value for name, value in joined.items() if value}


def _response(answer: TypedData | None) -> web.Response:
    if answer is None:
        return web.Response(status=204)
    if answer.kind != "http":
        return web.Response(body=_body(answer), content_type="text/plain", charset="utf-8")
    http: RpcHttp = answer.http
    response = web.Response(status=int(http.status_code), body=_body(http.body))
    for name, value in http.headers.items():
        if name.lower() not in _FRAMING:
            response.headers[name] = value
    for cookie in http.cookies or ():
        _set_cookie(response, cookie)
    # Kestrel sends no Content-Length with what a function returns.
    response.enable_chunked_encoding()
    return response


def _body(data: TypedData | None) -> bytes:
    if data is None or data.value is None:
        return b""
    return data.value if isinstance(data.value, bytes) else str(data.value).encode()


def _set_cookie(response: web.Response, cookie: RpcHttpCookie) -> None:
    expires = _optional(cookie.expires)
    max_age = _optional(cookie.max_age)
    same_site = {"Lax": "Lax", "Strict": "Strict", "ExplicitNone": "None"}.get(cookie.same_site.name)
    response.set_cookie(
        cookie.name,
        cookie.value,
        domain=_optional(cookie.domain) or None,
        path=_optional(cookie.path) or "/",
        expires=f"{datetime.fromtimestamp(expires.seconds, UTC):%a, %d %b %Y %H:%M:%S} GMT" if expires else None,
        max_age=None if max_age is None else round(max_age),
        secure=_optional(cookie.secure),
        httponly=_optional(cookie.http_only),
        samesite=same_site,
    )


def _optional[T](nullable: Nullable[T] | None) -> T | None:
    return None if nullable is None else nullable.value
