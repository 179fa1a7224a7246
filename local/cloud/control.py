"""/_sim: sets up the simulated services and shows their calls. The package lists the routes."""

from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from local.cloud.faults import Faults, parse_fault
from local.cloud.fields import Fields
from local.cloud.graph import Graph
from local.cloud.identity import Identity
from local.cloud.job_form import quarantined_now
from local.cloud.principals import USUAL_PAGE
from local.cloud.service import Latency, Service
from local.cloud.tenant import Tenant
from local.cloud.tokens import DAY_SECONDS, Tokens
from local.cloud.write_limit import parse_limit

_DONE = 204


class Control:
    """The routes below /_sim."""

    def __init__(
        self,
        *,
        tenant: Tenant,
        tokens: Tokens,
        faults: Faults,
        latency: Latency,
        graph: Graph,
        identity: Identity,
        services: Mapping[str, Service],
    ) -> None:
        self._tenant = tenant
        self._tokens = tokens
        self._faults = faults
        self._latency = latency
        self._graph = graph
        self._identity = identity
        self._services = services

    def application(self) -> web.Application:
        """All routes, to mount at /_sim. A ValueError in a handler is answered with 400."""
        application = web.Application(middlewares=[_bad_request])
        application.add_routes(
            [
                web.get("/principals", self._get_principals),
                web.put("/jobs/{principal}/{job}", self._put_job),
                web.get("/jobs/{principal}/{job}", self._get_job),
                web.get("/history", self._get_history),
                web.put("/principals/{principal}", self._put_principal),
                web.get("/faults", self._get_faults),
                web.post("/faults", self._post_fault),
                web.delete("/faults", self._delete_faults),
                web.get("/calls", self._get_calls),
                web.delete("/calls", self._delete_calls),
                web.put("/latency", self._put_latency),
                web.put("/paging", self._put_paging),
                web.put("/effects", self._put_effects),
                web.put("/write-limit", self._put_write_limit),
                web.delete("/write-limit", self._delete_write_limit),
                web.put("/identity", self._put_identity),
                web.delete("/tokens", self._delete_tokens),
            ]
        )
        return application

    async def _get_principals(self, _request: web.Request) -> web.Response:
        return web.json_response([principal.to_json() for principal in self._tenant.principals])

    async def _put_job(self, request: web.Request) -> web.Response:
        job = quarantined_now(await request.json())
        self._tenant.put_job(request.match_info["principal"], request.match_info["job"], job)
        return web.Response(status=_DONE)

    async def _get_job(self, request: web.Request) -> web.Response:
        principal = self._tenant.principal(request.match_info["principal"])
        job = principal.jobs.get(request.match_info["job"]) if principal else None
        if job is None:
            raise web.HTTPNotFound(text="There is no such job.\n")
        return web.json_response(job.value)

    async def _get_history(self, _request: web.Request) -> web.Response:
        jobs = {job_id: job.history for principal in self._tenant.principals for job_id, job in principal.jobs.items()}
        return web.json_response(jobs)

    async def _put_principal(self, request: web.Request) -> web.Response:
        fields = Fields(await request.json(), "principal")
        app_id, display_name = fields.text("appId"), fields.text("displayName")
        fields.end()
        principal = self._tenant.put_principal(request.match_info["principal"])
        principal.app_id = app_id.lower() if app_id else None
        if display_name is not None:
            principal.display_name = display_name
        return web.Response(status=_DONE)

    async def _get_faults(self, _request: web.Request) -> web.Response:
        return web.json_response(self._faults.to_json())

    async def _post_fault(self, request: web.Request) -> web.Response:
        self._faults.add(parse_fault(await request.json()))
        return web.Response(status=_DONE)

    async def _delete_faults(self, _request: web.Request) -> web.Response:
        self._faults.clear()
        return web.Response(status=_DONE)

    async def _get_calls(self, request: web.Request) -> web.Response:
        name = request.query.get("service", "graph")
        if name not in self._services:
            raise ValueError(f"service is one of {', '.join(self._services)}")
        return web.json_response(self._services[name].calls.to_json())

    async def _delete_calls(self, _request: web.Request) -> web.Response:
        for service in self._services.values():
            service.calls.clear()
        return web.Response(status=_DONE)

    async def _put_latency(self, request: web.Request) -> web.Response:
        fields = Fields(await request.json(), "latency")
        seconds = fields.seconds("seconds")
        fields.end()
        self._latency.seconds = seconds
        return web.Response(status=_DONE)

    async def _put_paging(self, request: web.Request) -> web.Response:
        fields = Fields(await request.json(), "paging")
        size = fields.count("size", USUAL_PAGE)
        fields.end()
        self._graph.page_size = size
        return web.Response(status=_DONE)

    async def _put_effects(self, request: web.Request) -> web.Response:
        fields = Fields(await request.json(), "effects")
        seconds = fields.seconds("shownAfterSeconds")
        fields.end()
        self._graph.shown_after_seconds = seconds
        return web.Response(status=_DONE)

    async def _put_write_limit(self, request: web.Request) -> web.Response:
        self._graph.write_limit.set(parse_limit(await request.json()))
        return web.Response(status=_DONE)

    async def _delete_write_limit(self, _request: web.Request) -> web.Response:
        self._graph.write_limit.set(None)
        return web.Response(status=_DONE)

    async def _put_identity(self, request: web.Request) -> web.Response:
        fields = Fields(await request.json(), "identity")
        expires_on, lifetime = fields.text("expiresOn"), fields.count("lifetimeSeconds", DAY_SECONDS)
        fields.end()
        self._identity.expires_on, self._identity.lifetime_seconds = expires_on, lifetime
        return web.Response(status=_DONE)

    async def _delete_tokens(self, _request: web.Request) -> web.Response:
        self._tokens.revoke_all()
        return web.Response(status=_DONE)


@web.middleware
async def _bad_request(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    try:
        return await handler(request)
    except ValueError as fault:
        raise web.HTTPBadRequest(text=f"{fault}\n") from fault
