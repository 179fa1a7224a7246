"""Microsoft Graph's synchronization jobs: the five calls that the app makes, and what their answers mean.

Source: Microsoft Graph reference, "synchronizationJob: start", "synchronizationJob: validateCredentials", "Get
synchronizationJob", "List synchronizationJobs", "Get servicePrincipal"; "Microsoft Graph error responses"; "Throttling
guidance".
"""

from __future__ import annotations

import base64
import re
import time
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared.errors import GraphRefused, GraphUnavailable
from shared.graph.http_session import ServiceSession
from shared.graph.job import SynchronizationJob, parse_job
from shared.outcome import Reason

if TYPE_CHECKING:
    from shared.graph.credentials import BearerTokens
    from shared.request.reference import JobReference
    from shared.settings import Settings

CONNECT_TIMEOUT = 5.0
"""Seconds to wait for a connection to Graph."""

MAX_PAGES = 50
"""How many pages of a principal's jobs are read; a principal has a handful of jobs."""

_NO_LICENSE = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
"""The code of a 403 in a tenant without a licence of Microsoft Entra ID P1 or P2."""
_CLAIMS = re.compile(r'\bclaims="(?P<claims>[A-Za-z0-9_+/=-]+)"')
_DONE = range(200, 300)
_TRY_AGAIN = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)}
)
_NOT_DONE = frozenset({HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})
"""Answers by which Graph surely has not done what was asked."""


class GraphCall(NamedTuple):
    """One call, for the status event: what a person needs to find it again, and nothing secret."""

    operation: str
    status: int | None
    """None where no answer came."""
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
    session = ServiceSession(settings.threads)
    session.headers["User-Agent"] = "start-job-function"
    session.headers["Accept"] = "application/json"
    return session


class Graph:
    """The calls for one start request; `calls` remembers each of them. The session and the tokens are shared.

    Every method raises GraphUnavailable, GraphRefused or TokenUnavailable.
    """

    def __init__(self, settings: Settings, session: requests.Session, tokens: BearerTokens) -> None:
        self._root = f"{settings.graph_endpoint}/{settings.graph_version}/"
        self._timeout = (CONNECT_TIMEOUT, settings.graph_timeout)
        self._session = session
        self._tokens = tokens
        self.calls: list[GraphCall] = []

    def object_id(self, app_id: str) -> str:
        """The object id of the service principal with that application id."""
        answer = self._object("resolve", f"servicePrincipals(appId='{quote(app_id, safe='')}')?$select=id")
        object_id = answer.get("id")
        if not isinstance(object_id, str):
            raise GraphUnavailable("resolve answered without an id")
        return object_id

    def list_jobs(self, principal: JobReference) -> list[SynchronizationJob]:
        """All jobs of a service principal, in no fixed order."""
        path: str | None = f"{principal.principal}/synchronization/jobs"
        jobs: list[SynchronizationJob] = []
        for _ in range(MAX_PAGES):
            answer = self._object("list", path)
            items = answer.get("value")
            for item in items if isinstance(items, list) else []:
                job = parse_job(item)
                if job is not None:
                    jobs.append(job)
            path = self._next_page(answer)
            if path is None:
                return jobs
        raise GraphUnavailable(f"list did not end after {MAX_PAGES} pages")

    def read(self, job: JobReference) -> SynchronizationJob:
        """The job as it is now."""
        parsed = parse_job(self._object("read", str(job)))
        if parsed is None:
            raise GraphUnavailable("read answered with something that is no synchronizationJob")
        return parsed

    def start(self, job: JobReference) -> None:
        """Start the job: it resumes where it stopped, and a quarantine is cleared."""
        self._call("start", "POST", f"{job}/start")

    def validate_credentials(self, job: JobReference) -> None:
        """Have the service try the credentials that are saved for the job; an answer (204) says that they work."""
        self._call("validateCredentials", "POST", f"{job}/validateCredentials", body={"useSavedCredentials": True})

    def _object(self, operation: str, path: str | None) -> dict[str, Any]:
        answer = _json(self._call(operation, "GET", path or ""))
        if answer is None:
            raise GraphUnavailable(f"{operation} answered with something that is no JSON object")
        return answer

    def _next_page(self, answer: dict[str, Any]) -> str | None:
        """The path of the next page; a link to another host is not followed, for the token goes with it."""
        link = answer.get("@odata.nextLink")
        if link is None:
            return None
        if not isinstance(link, str) or not link.startswith(self._root):
            raise GraphUnavailable("list names a next page on another host")
        return link.removeprefix(self._root)

    def _call(self, operation: str, method: str, path: str, body: dict[str, bool] | None = None) -> requests.Response:
        token = self._tokens.get()
        response = self._send(operation, method, path, token, body)
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            # Expired, revoked, issued before a permission was granted, or without claims that a policy asks for: once,
            # with a fresh token.
            fresh = self._tokens.replace(token, claims=_claims(response))
            response = self._send(operation, method, path, fresh, body)
        if response.status_code in _DONE:
            return response
        raise _fault(operation, response)

    def _send(
        self, operation: str, method: str, path: str, token: str, body: dict[str, bool] | None
    ) -> requests.Response:
        client_request_id = str(uuid.uuid4())
        response: requests.Response | None = None
        began = time.monotonic()
        try:
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
    """Whether the connection could not even be made."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, (NewConnectionError, ConnectTimeoutError))


def _fault(operation: str, response: requests.Response) -> GraphUnavailable | GraphRefused:
    """The exception for an answer that is no success: decided by its status, never by its message."""
    status = response.status_code
    error = (_json(response) or {}).get("error")
    error = error if isinstance(error, dict) else {}
    code, message = str(error.get("code") or ""), " ".join(str(error.get("message") or "").split())
    if status in _TRY_AGAIN:
        return GraphUnavailable(
            f"{operation} answered {status} {code}".rstrip(),
            retry_after=_retry_after(response.headers.get("Retry-After")),
            may_have_worked=status not in _NOT_DONE,
        )
    reason = _reason(status, code) if _claims(response) is None else Reason.BLOCKED_BY_POLICY
    return GraphRefused(reason, operation=operation, status=status, code=code, detail=message)


def _reason(status: int, code: str) -> Reason:
    if status == HTTPStatus.NOT_FOUND:
        return Reason.NOT_FOUND
    if status == HTTPStatus.FORBIDDEN:
        return Reason.LICENSE_MISSING if code == _NO_LICENSE else Reason.PERMISSION_MISSING
    if status == HTTPStatus.UNAUTHORIZED:
        # Synchronization answers 401 UnknownError with an empty message, not 403, where the permission is
        # missing; InvalidAuthenticationToken is a token that is wrong as such, from another tenant or cloud.
        return Reason.AUTHENTICATION_FAILED if code == "InvalidAuthenticationToken" else Reason.PERMISSION_MISSING
    return Reason.BAD_REQUEST


def _claims(response: requests.Response) -> str | None:
    """The claims that a token has to have, where a 401 asks for them.

    Source: Microsoft Learn, "Claims challenges, claims requests and client capabilities".
    """
    found = _CLAIMS.search(response.headers.get("WWW-Authenticate", ""))
    if response.status_code != HTTPStatus.UNAUTHORIZED or found is None:
        return None
    try:
        return base64.urlsafe_b64decode(found["claims"] + "==").decode()
    except ValueError:
        return None


def _retry_after(value: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number of seconds or an HTTP date (RFC 9110)."""
    if value is None:
        return None
    # All that strip takes for space, such as U+001F, is none to float.
    if (seconds := value.strip()).isdecimal():
        return float(seconds)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _json(response: requests.Response) -> dict[str, Any] | None:
    try:
        value = response.json()
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
