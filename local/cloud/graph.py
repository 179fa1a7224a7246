"""Microsoft Graph's part: servicePrincipals and their synchronization jobs.

Source: Microsoft Graph reference, "synchronizationJob", "List synchronizationJobs", "Get servicePrincipal"; "Paging".
"""

import re
from typing import Any, Final

from aiohttp import web

from local.cloud.calls import Call
from local.cloud.graph_form import graph_error, stamp
from local.cloud.job import Job, NotConfigured
from local.cloud.tenant import Principal, Tenant
from local.cloud.tokens import Tokens

_PRINCIPAL: Final = re.compile(
    r"/(?P<version>v1\.0|beta)/servicePrincipals(?:/(?P<id>[^/(]+)|\(appId='(?P<app>[^']*)'\))"
    r"(?P<jobs>/synchronization/jobs(?:/(?P<job>[^/]+)(?:/(?P<action>[^/]+))?)?)?",
    re.IGNORECASE,
)
_LARGEST_PAGE: Final = 100


class Graph:
    """Answers calls of Graph from the tenant. `root` is the URL of the server, and the audience of its tokens."""

    def __init__(self, tenant: Tenant, tokens: Tokens) -> None:
        self.root = ""
        self.page_size = _LARGEST_PAGE
        self.shown_after_seconds = 0.0
        """How long after a start reads show the job as it was, unless it was set up otherwise."""
        self._tenant = tenant
        self._tokens = tokens

    async def work(self, request: web.Request, call: Call) -> web.Response:
        """Do what the call asks for."""
        return stamp(request, self._answer(request, call))

    def _answer(self, request: web.Request, call: Call) -> web.Response:
        if fault := self._tokens.fault(request.headers.get("Authorization", ""), self.root):
            response = graph_error(request, 401, code="InvalidAuthenticationToken", message=fault)
            response.headers["WWW-Authenticate"] = 'Bearer realm="", authorization_uri=""'
            return response
        path = _PRINCIPAL.fullmatch(request.path)
        if path is None:
            return graph_error(request, 400, message="Resource not found for the segment.")
        principal = self._principal(path)
        if principal is None:
            name = path["id"] or path["app"]
            message = (
                f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
            )
            return graph_error(request, 404, code="Request_ResourceNotFound", message=message)
        if path["job"] is not None:
            return self._job(request, call, path, principal)
        if request.method != "GET":
            return graph_error(request, 405, code="MethodNotAllowed", message="The method is not allowed.")
        if path["jobs"] is not None:
            return self._list(request, principal)
        return self._show(request, principal)

    def _principal(self, path: re.Match[str]) -> Principal | None:
        if path["id"] is not None:
            return self._tenant.principal(path["id"])
        return self._tenant.principal_of_app(path["app"])

    def _show(self, request: web.Request, principal: Principal) -> web.Response:
        properties = {"id": principal.object_id, "appId": principal.app_id}
        wanted = request.query.get("$select")
        names = wanted.split(",") if wanted else list(properties)
        return web.json_response(
            self._context("servicePrincipals/$entity") | {name: properties[name] for name in names}
        )

    def _list(self, request: web.Request, principal: Principal) -> web.Response:
        token, top = request.query.get("$skiptoken", "0"), request.query.get("$top", str(self.page_size))
        if not (token.isdecimal() and top.isdecimal() and int(top)):
            return graph_error(request, 400, message="Invalid value of $top or $skiptoken.")
        first, size = int(token), min(self.page_size, int(top))
        jobs = list(principal.jobs.values())
        answer: dict[str, Any] = self._context("servicePrincipals/synchronization/jobs")
        answer["value"] = [job.read() for job in jobs[first : first + size]]
        if first + size < len(jobs):
            answer["@odata.nextLink"] = f"{self.root}{request.path}?$top={size}&$skiptoken={first + size}"
        return web.json_response(answer)

    def _job(self, request: web.Request, call: Call, path: re.Match[str], principal: Principal) -> web.Response:
        job = principal.jobs.get(path["job"])
        if job is None:
            return graph_error(request, 404, message=f"The job {path['job']} could not be found.")
        match request.method, path["action"]:
            case "GET", None:
                context = self._context("servicePrincipals/synchronization/jobs/$entity")
                return web.json_response(context | dict(job.read()))
            case "POST", "start":
                return self._start(request, call, job)
            case "POST", "validateCredentials":
                return _validate(request, job)
            case _, (None | "start" | "validateCredentials"):
                return graph_error(request, 405, code="MethodNotAllowed", message="The method is not allowed.")
        return graph_error(request, 400, message=f"Resource not found for the segment '{path['action']}'.")

    def _start(self, request: web.Request, call: Call, job: Job) -> web.Response:
        try:
            call.start = job.start(self.shown_after_seconds)
        except NotConfigured:
            # That it is refused is documented, in which words is not.
            return graph_error(request, 400, message="The synchronization job is not configured.")
        return web.Response(status=204)

    def _context(self, kind: str) -> dict[str, Any]:
        return {"@odata.context": f"{self.root}/v1.0/$metadata#{kind}"}


def _validate(request: web.Request, job: Job) -> web.Response:
    refusal = job.refusal
    if refusal is None:
        return web.Response(status=204)
    return graph_error(request, refusal.status, code=refusal.code, message=refusal.message)
