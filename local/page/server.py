"""The routes of the page."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from aiohttp import web
from azure.core.exceptions import AzureError
from requests import RequestException

from local.page import views
from local.page.actions import Actions, Done, Refused
from local.page.safety import guard

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.page.observer import Observer

_MOST_BYTES: Final = 64 * 1024


class Server:
    """Serves one person. All calls to the system run in one thread, one after another."""

    def __init__(self, observer: Observer, actions: Actions, token: str, *, tells: bool) -> None:
        self._observer = observer
        self._actions = actions
        self._token = token
        self._tells = tells
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="page")
        self._done: Done | None = None
        """The result of a button that was pressed without the script. It is shown once."""

    def application(self) -> web.Application:
        """The application with all routes."""
        application = web.Application(middlewares=[guard(self._token)], client_max_size=_MOST_BYTES)
        application.add_routes(
            [
                web.get("/", self._get_page),
                web.get("/live", self._get_live),
                web.get("/static/{name:page\\.(?:css|js)}", _get_static),
                web.post("/jobs", self._post_job),
                web.post("/graph", self._post_graph),
                web.post("/requests", self._post_request),
            ]
        )
        return application

    async def _get_page(self, _request: web.Request) -> web.Response:
        try:
            snapshot = await self._run(self._observer.look)
        except (RequestException, AzureError) as fault:
            return _html(views.problem(str(fault)), status=503)
        done, self._done = self._done, None
        return _html(views.page(snapshot, self._token, done, tells=self._tells))

    async def _get_live(self, _request: web.Request) -> web.Response:
        try:
            snapshot = await self._run(self._observer.look)
        except (RequestException, AzureError) as fault:
            return web.Response(status=503, text=str(fault))
        return web.json_response({"jobs": views.jobs_shown(snapshot), "parts": views.parts(snapshot, self._token)})

    async def _post_job(self, request: web.Request) -> web.Response:
        given = await _fields(request)
        return await self._press(request, lambda: self._actions.change(given("what"), given("principal"), given("job")))

    async def _post_graph(self, request: web.Request) -> web.Response:
        given = await _fields(request)
        return await self._press(request, lambda: self._actions.graph(given("what")))

    async def _post_request(self, request: web.Request) -> web.Response:
        given = await _fields(request)
        return await self._press(
            request,
            lambda: self._actions.send(given("sender"), given("principal"), given("job"), given("summary")),
        )

    async def _press(self, request: web.Request, action: Callable[[], Done]) -> web.Response:
        """Do it, and return the result: to the script, or on the page that follows."""
        try:
            done = await self._run(action)
        except (Refused, RequestException, AzureError) as fault:
            done = Done(False, str(fault))
        if "application/json" in request.headers.get("Accept", ""):
            return web.json_response({"ok": done.ok, "text": done.text})
        self._done = done
        return web.Response(status=303, headers={"Location": "/"})

    async def _run[T](self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


async def _fields(request: web.Request) -> Callable[[str], str]:
    """The fields of the form, by name. A field that is absent is empty."""
    given = await request.post()

    def field(name: str) -> str:
        value = given.get(name, "")
        return value if isinstance(value, str) else ""

    return field


async def _get_static(request: web.Request) -> web.FileResponse:
    return web.FileResponse(views.STATIC / request.match_info["name"])


def _html(content: str, status: int = 200) -> web.Response:
    # Half a surrogate pair cannot be encoded, and is replaced.
    return web.Response(status=status, body=content.encode(errors="replace"), content_type="text/html", charset="utf-8")
