"""Microsoft Graph: servicePrincipals and their synchronization jobs.

Source: Microsoft Graph reference, "synchronizationJob", "List synchronizationJobs", "Get servicePrincipal", "List
servicePrincipals".
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from local.cloud.batch import Batch
from local.cloud.calls import Call
from local.cloud.graph_form import graph_error, stamp
from local.cloud.job import Job, NotConfigured
from local.cloud.paging import Page, page
from local.cloud.principals import LARGEST_PAGE, USUAL_PAGE, check_query, selected, shown
from local.cloud.tenant import Principal, Tenant
from local.cloud.tokens import Tokens
from local.cloud.write_limit import WriteLimit

_BATCH: Final = re.compile(r"/(?P<version>v1\.0|beta)/\$batch", re.IGNORECASE)
_PRINCIPALS: Final = re.compile(r"/(v1\.0|beta)/servicePrincipals", re.IGNORECASE)
_PRINCIPAL: Final = re.compile(
    r"/(?P<version>v1\.0|beta)/servicePrincipals(?:/(?P<id>[^/(]+)|\(appId='(?P<app>[^']*)'\))"
    r"(?P<jobs>/synchronization/jobs(?:/(?P<job>[^/]+)(?:/(?P<action>[^/]+))?)?)?",
    re.IGNORECASE,
)


class Graph:
    """Answers calls to Graph from the tenant. `root` is the server's URL, which is also the audience of its tokens."""

    def __init__(self, tenant: Tenant, tokens: Tokens) -> None:
        self.root = ""
        self.page_size: int | None = None
        """The most items per page, or None for Graph's own size."""
        self.shown_after_seconds = 0.0
        """How long after a start reads show the job as it was before. A job's own setting takes precedence."""
        self.write_limit = WriteLimit()
        self._tenant = tenant
        self._tokens = tokens
        self._batch = Batch()

    async def work(self, request: web.Request, call: Call) -> web.Response:
        """Do what the call asks for."""
        return stamp(request, await self._answer(request, call))

    async def close(self) -> None:
        """Close every connection."""
        await self._batch.close()

    async def _answer(self, request: web.Request, call: Call) -> web.Response:
        if fault := self._tokens.fault(request.headers.get("Authorization", ""), self.root):
            response = graph_error(request, 401, code="InvalidAuthenticationToken", message=fault)
            response.headers["WWW-Authenticate"] = 'Bearer realm="", authorization_uri=""'
            return response
        try:
            if batch := _BATCH.fullmatch(request.path):
                if request.method != "POST":
                    return _not_allowed(request)
                return await self._batch.answer(request, f"{self.root}/{batch['version']}")
            if request.method != "GET" and self.write_limit.refuses():
                return self._throttled(request)
            if _PRINCIPALS.fullmatch(request.path):
                return self._list_principals(request)
            return self._of_principal(request, call)
        except ValueError as fault:
            return graph_error(request, 400, message=str(fault))

    def _throttled(self, request: web.Request) -> web.Response:
        response = graph_error(request, 429)
        response.headers["x-ms-throttle-scope"] = "Tenant_Application/ReadWrite"
        response.headers["x-ms-throttle-information"] = "WriteLimitExceeded"
        if (retry_after := self.write_limit.retry_after) is not None:
            response.headers["Retry-After"] = retry_after
        return response

    def _list_principals(self, request: web.Request) -> web.Response:
        if request.method != "GET":
            return _not_allowed(request)
        check_query(request.query)
        largest = LARGEST_PAGE if "$top" in request.query else USUAL_PAGE
        found = page(request, self._tenant.principals, self.page_size or largest)
        wanted = selected(request.query.get("$select"))
        values = [shown(principal, wanted) for principal in found.items]
        return self._page(request, "servicePrincipals", found, values)

    def _of_principal(self, request: web.Request, call: Call) -> web.Response:
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
            return _not_allowed(request)
        if path["jobs"] is not None:
            return self._list_jobs(request, call, principal)
        properties = shown(principal, selected(request.query.get("$select")))
        return web.json_response(self._context("servicePrincipals/$entity") | properties)

    def _principal(self, path: re.Match[str]) -> Principal | None:
        if path["id"] is not None:
            return self._tenant.principal(path["id"])
        return self._tenant.principal_of_app(path["app"])

    def _list_jobs(self, request: web.Request, call: Call, principal: Principal) -> web.Response:
        found = page(request, list(principal.jobs.values()), self.page_size or USUAL_PAGE)
        shown = [_read(job, call) for job in found.items]
        return self._page(request, "servicePrincipals/synchronization/jobs", found, shown)

    def _page(self, request: web.Request, kind: str, found: Page[Any], values: list[Any]) -> web.Response:
        answer = self._context(kind) | {"value": values}
        if found.next_query is not None:
            answer["@odata.nextLink"] = f"{self.root}{request.path}?{found.next_query}"
        return web.json_response(answer)

    def _job(self, request: web.Request, call: Call, path: re.Match[str], principal: Principal) -> web.Response:
        job = principal.jobs.get(path["job"])
        if job is None:
            return graph_error(request, 404, message=f"The job {path['job']} could not be found.")
        match request.method, path["action"]:
            case "GET", None:
                context = self._context("servicePrincipals/synchronization/jobs/$entity")
                return web.json_response(context | dict(_read(job, call)))
            case "POST", "start":
                return self._start(request, call, job)
            case "POST", "validateCredentials":
                return _validate(request, job)
            case _, (None | "start" | "validateCredentials"):
                return _not_allowed(request)
        return graph_error(request, 400, message=f"Resource not found for the segment '{path['action']}'.")

    def _start(self, request: web.Request, call: Call, job: Job) -> web.Response:
        try:
            call.start = job.start(self.shown_after_seconds)
        except NotConfigured:
            # Graph documents that it refuses this, but not the text of the error.
            return graph_error(request, 400, message="The synchronization job is not configured.")
        return web.Response(status=204)

    def _context(self, kind: str) -> dict[str, Any]:
        return {"@odata.context": f"{self.root}/v1.0/$metadata#{kind}"}


def _read(job: Job, call: Call) -> Mapping[str, Any]:
    shown = job.read()
    call.is_stale = call.is_stale or shown is not job.value
    return shown


def _validate(request: web.Request, job: Job) -> web.Response:
    refusal = job.refusal
    if refusal is None:
        return web.Response(status=204)
    return graph_error(request, refusal.status, code=refusal.code, message=refusal.message)


def _not_allowed(request: web.Request) -> web.Response:
    return graph_error(request, 405, code="MethodNotAllowed", message="The method is not allowed.")
