"""The tokens of one credential of azure-identity, with one request at a time and a limit on its time.

azure-identity caches tokens, but if eight threads need one at once, it makes eight requests. In get_token, azure-core
waits 300 seconds for an answer, tries four times, and sleeps for a Retry-After of any length. So each request for a
token has its own thread, and callers wait at most REQUEST_LIMIT for it. During an outage of the endpoint, callers get
the current token while it is valid.
"""

from __future__ import annotations

import json
import time
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError
from azure.core.pipeline.transport import RequestsTransport
from requests import Session

from shared.errors import TokenUnavailable, TransientError
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken, TokenCredential
    from requests import Response

    from shared.graph.gate import Gate, Leave

REQUEST_LIMIT = 10.0
"""The most seconds that callers wait for a request for a token."""

CONNECT_TIMEOUT, READ_TIMEOUT = 2.0, 8.0

LEAST_VALIDITY = 60.0
"""A token is returned only if it is valid for at least this many seconds."""

RENEW_BEFORE = 300.0
"""A token is renewed from this many seconds before it expires."""

RENEW_AGAIN = 60.0
"""Seconds until the next try to renew a token, or to replace a rejected one."""

_MAX_WORDS = 300


class IdentityAnswer:
    """The last answer of the identity endpoint, so that errors can quote it."""

    def __init__(self) -> None:
        self._status: int | None = None
        self._text = ""

    def transport(self) -> RequestsTransport:
        """A transport for azure-identity that records each answer here."""
        session = Session()
        session.hooks["response"].append(self._note)
        return RequestsTransport(session=session, connection_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)

    @property
    def words(self) -> str | None:
        """The answer, as text for an error; None if there was none. The body of a 2xx is left out: it has a token."""
        if self._status is None:
            return None
        if self._status < 300:  # noqa: PLR2004 - HTTP
            return f"the identity endpoint answered {self._status} without a token"
        return " ".join(filter(None, (f"the identity endpoint answered {self._status}", self._message())))

    def _note(self, response: Response, *_: object, **__: object) -> None:
        self._status, self._text = response.status_code, "" if response.ok else response.text

    def _message(self) -> str:
        try:
            content = json.loads(self._text)
        except ValueError:
            content = None
        message = content.get("message") or content.get("error_description") if isinstance(content, dict) else None
        return shorten(" ".join(str(message or self._text).split()), _MAX_WORDS)


class TokenSource:
    """A credential for all threads of the process. Azure's clients can use it: it is a TokenCredential."""

    def __init__(
        self,
        new_credential: Callable[[IdentityAnswer], TokenCredential],
        gate: Gate,
        *,
        limit: float = REQUEST_LIMIT,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._new_credential = new_credential
        self._gate = gate
        self._limit = limit
        self._clock = clock
        self._changed = Condition()
        self._token: AccessToken | None = None
        self._request: _Request | None = None
        """The request in progress."""
        self._not_before = 0.0
        """When a valid token may next be renewed or replaced."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A valid token. Raises TokenUnavailable, or ServiceAway if the endpoint is known to be down."""
        now = self._clock()
        with self._changed:
            token = self._token if self._lasts(LEAST_VALIDITY, now) else None
            if token is not None and (self._lasts(RENEW_BEFORE, now) or now < self._not_before or self._request):
                return token
        try:
            return self._ask(scopes, options)
        except TokenUnavailable:
            with self._changed:
                self._not_before = self._clock() + RENEW_AGAIN
            if token is None:
                raise
            return token

    def replace(self, rejected: str, *scopes: str, **options: Any) -> AccessToken:
        """A token other than the rejected one, if there is one. Makes at most one request per minute."""
        with self._changed:
            token, is_recent = self._token, self._clock() < self._not_before
            if token is not None and (token.token != rejected or (is_recent and self._request is None)):
                return token
            self._not_before = self._clock() + RENEW_AGAIN
            try:
                return self._ask(scopes, options)
            except TransientError:
                # There is no other token, so the next caller may try as soon as the gate allows it.
                self._not_before = self._clock()
                raise

    def _ask(self, scopes: tuple[str, ...], options: dict[str, Any]) -> AccessToken:
        """Make a request, or wait for the one in progress."""
        with self._changed:
            request = self._request
            if request is None or request.is_over(self._clock()):
                leave = self._gate.enter("token", self)
                request = self._request = _Request(self._clock() + self._limit, leave)
                # A new credential, because a used one returns its last error, or the rejected token, from its cache.
                Thread(target=self._work, args=(request, scopes, options), daemon=True, name="token").start()
            while not request.is_done and (left := request.deadline - self._clock()) > 0:
                self._changed.wait(left)
            if not request.is_done:
                self._end(request, TokenUnavailable(f"the identity endpoint gave no answer in {self._limit:.0f} s"))
            if request.token is None:
                raise TokenUnavailable(str(request.error))
            return request.token

    def _work(self, request: _Request, scopes: tuple[str, ...], options: dict[str, Any]) -> None:
        answer = IdentityAnswer()
        result: AccessToken | TokenUnavailable
        try:
            result = self._new_credential(answer).get_token(*scopes, **options)
        except AzureError as error:
            result = TokenUnavailable(answer.words or shorten(" ".join(str(error).split()), _MAX_WORDS))
        except Exception as error:  # noqa: BLE001 - JSONDecodeError, ValueError, AttributeError were seen, and end a thread unseen
            result = TokenUnavailable(f"{answer.words or 'the identity endpoint answered'} ({type(error).__name__})")
        with self._changed:
            self._end(request, result)

    def _end(self, request: _Request, result: AccessToken | TokenUnavailable) -> None:
        """Record the result of a request. A late token is still used; a late error is ignored."""
        if isinstance(result, TokenUnavailable):
            if request.is_done:
                return
            request.error = result
            request.leave.failed(result)
        else:
            request.token = self._token = result
            if not request.is_done:
                request.leave.answered()
        request.is_done = True
        if self._request is request:
            self._request = None
        self._changed.notify_all()

    def _lasts(self, seconds: float, now: float) -> bool:
        return self._token is not None and self._token.expires_on - now > seconds


class _Request:
    """A request for a token, in progress or done."""

    def __init__(self, deadline: float, leave: Leave) -> None:
        self.deadline = deadline
        self.leave = leave
        self.is_done = False
        self.token: AccessToken | None = None
        self.error: TokenUnavailable | None = None

    def is_over(self, now: float) -> bool:
        """Whether it is done, or its callers have stopped waiting."""
        return self.is_done or now > self.deadline
