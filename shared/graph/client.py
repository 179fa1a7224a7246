"""The client for synchronization jobs: the calls to Microsoft Graph that the app makes.

Source: Microsoft Graph reference, "synchronizationJob: start", "synchronizationJob: validateCredentials", "Get
synchronizationJob", "List synchronizationJobs", "Get servicePrincipal"; "Microsoft Graph error responses"; "Throttling
guidance".
"""

from __future__ import annotations

import logging
import time
import uuid
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from urllib.parse import quote

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared import VERSION
from shared.errors import GraphUnavailable
from shared.graph.answer import claims_of, fault_in, object_in, throttling_of
from shared.graph.http_session import ServiceSession
from shared.graph.job import SynchronizationJob, parse_job
from shared.log import line, span
from shared.request.reference import parse_guid

if TYPE_CHECKING:
    from shared.errors import GraphRefused
    from shared.graph.gate import Gate
    from shared.request.reference import JobReference
    from shared.settings import Settings

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a connection to Graph."""

MAX_BODY = 4 * 1024 * 1024
"""The most bytes of an answer's body that are read: enough for a page of hundreds of the largest jobs."""

LIST_PATIENCE = 60.0
"""Seconds after which no further page of a list is requested. It equals the time in which one invocation may retry
(shared.starting.retry), because the host ends an invocation after functionTimeout."""

MAX_PAGES = 50
"""The most pages that are read of a service principal's jobs. Real ones have only a few jobs."""

_DONE = range(200, 300)

_log = logging.getLogger(__name__)


class Tokens(Protocol):
    """Where the tokens come from (shared.graph.credentials)."""

    def get(self) -> str:
        """A valid token. Raises TokenUnavailable."""
        ...

    def replace(self, rejected: str, *, claims: str | None = None) -> str:
        """A token other than the rejected one, if there is one. Raises TokenUnavailable."""
        ...


class GraphCall(NamedTuple):
    """One call, as status events show it: enough to find it in Graph's logs, and nothing secret."""

    operation: str
    status: int | None
    """The HTTP status; None if there was no answer."""
    request_id: str | None
    client_request_id: str
    duration_ms: int

    def to_json(self) -> dict[str, Any]:
        """The object in status events."""
        return {
            "operation": self.operation,
            "status": self.status,
            "requestId": self.request_id,
            "clientRequestId": self.client_request_id,
            "durationMs": self.duration_ms,
        }


def new_session(settings: Settings) -> requests.Session:
    """The HTTP session of the process for Graph."""
    session = ServiceSession(settings.threads, largest=MAX_BODY)
    session.headers["User-Agent"] = f"start-job-function/{VERSION}"
    session.headers["Accept"] = "application/json"
    return session


class Graph:
    """The calls for one start request, recorded in `calls`. The session and the tokens are shared.

    Every method raises GraphUnavailable, GraphRefused, TokenUnavailable or ServiceAway.
    """

    def __init__(
        self, settings: Settings, session: requests.Session, tokens: Tokens, gate: Gate, who: object = None
    ) -> None:
        """`who` is the request that the calls are for. Faults of one request alone do not mean that Graph is down."""
        self._root = f"{settings.graph_endpoint}/{settings.graph_version}/"
        self._timeout = (CONNECT_TIMEOUT, settings.graph_timeout)
        self._session = session
        self._tokens = tokens
        self._gate = gate
        self._who = self if who is None else who
        self.calls: list[GraphCall] = []

    def object_id(self, app_id: str) -> str:
        """The object id of the service principal with this application id."""
        answer = self._object("resolve", f"servicePrincipals(appId='{quote(app_id, safe='')}')?$select=id")
        given = answer.get("id")
        object_id = parse_guid(given) if isinstance(given, str) else None
        if object_id is None:
            # The next call has it in its path.
            raise GraphUnavailable("resolve answered without an object id")
        return object_id

    def display_name(self, object_id: str) -> str | None:
        """The display name of the service principal. Needs Application.Read.All."""
        name = self._object("name", f"servicePrincipals/{object_id}?$select=displayName").get("displayName")
        return name if isinstance(name, str) else None

    def list_jobs(self, principal: JobReference) -> list[SynchronizationJob]:
        """All jobs of a service principal, in no fixed order."""
        return self._jobs_in(self._object("list", f"{principal.principal}/synchronization/jobs"))

    def _jobs_in(self, page: dict[str, Any]) -> list[SynchronizationJob]:
        """The jobs of this page and of all pages after it."""
        jobs: list[SynchronizationJob] = []
        began = time.monotonic()
        for _ in range(MAX_PAGES):
            items = page.get("value")
            parsed = map(parse_job, items if isinstance(items, list) else [])
            jobs += (job for job in parsed if job is not None)
            path = self._next_page(page)
            if path is None:
                return jobs
            if time.monotonic() - began > LIST_PATIENCE:
                raise GraphUnavailable(f"list did not end within {LIST_PATIENCE:.0f} s")
            page = self._object("list", path)
        raise GraphUnavailable(f"list did not end after {MAX_PAGES} pages")

    def read(self, job: JobReference) -> SynchronizationJob:
        """The job as it is now."""
        parsed = parse_job(self._object("read", str(job)))
        if parsed is None:
            raise GraphUnavailable("read answered with something that is not a synchronizationJob")
        return parsed

    def start(self, job: JobReference) -> None:
        """Start the job: it resumes where it stopped, and its quarantine is cleared.

        The documented answer is 204. Other 2xx answers were seen with an error in the body, so they leave the effect
        unknown.
        """
        response = self._call("start", "POST", f"{job}/start")
        if response.status_code != HTTPStatus.NO_CONTENT:
            detail = f"start answered {response.status_code} instead of 204"
            raise GraphUnavailable(detail, may_have_worked=True, one_resource=True)

    def validate_credentials(self, job: JobReference) -> None:
        """Let the service try the credentials that are saved for the job. They work if this returns (204)."""
        self._call("validateCredentials", "POST", f"{job}/validateCredentials", body={"useSavedCredentials": True})

    def _object(self, operation: str, path: str | None) -> dict[str, Any]:
        answer = object_in(self._call(operation, "GET", path or ""))
        if answer is None:
            raise GraphUnavailable(f"{operation} answered with something that is not a JSON object")
        return answer

    def _next_page(self, answer: dict[str, Any]) -> str | None:
        """The path of the next page; None if there is none.

        Links to another host are refused, because the next call would send the token there.
        """
        link = answer.get("@odata.nextLink")
        if link is None:
            return None
        if not isinstance(link, str) or not link.startswith(self._root):
            raise GraphUnavailable("list names a next page on another host")
        return link.removeprefix(self._root)

    def _call(self, operation: str, method: str, path: str, body: dict[str, Any] | None = None) -> requests.Response:
        token = self._tokens.get()
        response = self._try(operation, method, path, token, body)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            # The token has expired, was revoked, is older than a permission, or lacks claims that a policy requires.
            # One more try with a new token decides.
            fresh = self._tokens.replace(token, claims=claims_of(response))
            response = self._try(operation, method, path, fresh, body)
        if response.status_code in _DONE:
            return response
        raise fault_in(operation, response)

    def _try(
        self, operation: str, method: str, path: str, token: str, body: dict[str, Any] | None
    ) -> requests.Response:
        """Make the call unless Graph is down. Raises GraphUnavailable, ServiceAway."""
        leave = self._gate.enter(operation, self._who)
        try:
            response = self._send(operation, method, path, token, body)
            fault = self._fault_in(operation, response)
        except GraphUnavailable as error:
            leave.failed(error)
            raise
        except BaseException:
            leave.dropped()
            raise
        if isinstance(fault, GraphUnavailable):
            if fault.throttled:
                _log.warning(line("graph_throttles", error=fault, limit=throttling_of(response)))
            leave.failed(fault)
            if response.status_code not in _DONE:
                raise fault
            return response  # A batch: the gate closes, but some of its parts may have an answer.
        leave.answered()
        return response

    def _fault_in(self, operation: str, response: requests.Response) -> GraphUnavailable | GraphRefused | None:
        """The exception for an answer; None if it is a success."""
        return None if response.status_code in _DONE else fault_in(operation, response)

    def _send(
        self, operation: str, method: str, path: str, token: str, body: dict[str, Any] | None
    ) -> requests.Response:
        client_request_id = str(uuid.uuid4())
        response: requests.Response | None = None
        began = time.monotonic()
        try:
            with span(f"graph {operation}"):
                response = self._session.request(
                    method,
                    self._root + path,
                    headers={"client-request-id": client_request_id, "Authorization": f"Bearer {token}"},
                    json=body,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise GraphUnavailable(
                f"{operation} got no answer: {type(error).__name__}", may_have_worked=not _never_sent(error)
            ) from error
        finally:
            self.calls.append(
                GraphCall(
                    operation=operation,
                    status=None if response is None else response.status_code,
                    request_id=None if response is None else response.headers.get("request-id"),
                    client_request_id=client_request_id,
                    duration_ms=round((time.monotonic() - began) * 1000),
                )
            )
        return response


def _never_sent(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that Graph cannot have received the call."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, (NewConnectionError, ConnectTimeoutError))
