"""The tokens of one credential of azure-identity, asked for by one thread at a time and within a limit.

azure-identity caches tokens, but eight threads that ask at once make eight requests; azure-core waits 300 seconds for
an answer, tries four times, and sleeps a Retry-After of any length inside get_token. So a request for a token is made
in a thread of its own, and whoever needs one waits for it no longer than REQUEST_LIMIT. While the endpoint is away, a
token that is still valid is used on.
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
"""Seconds that a request for a token may take, all in all."""

CONNECT_TIMEOUT, READ_TIMEOUT = 2.0, 8.0

LEAST_VALIDITY = 60.0
"""Seconds for which a token that is handed out is valid at least."""

RENEW_BEFORE = 300.0
"""Seconds before its end from which a token is renewed."""

RENEW_AGAIN = 60.0
"""Seconds after which a renewal, or the replacement of a rejected token, is tried again."""

_MAX_WORDS = 300


class IdentityAnswer:
    """The last answer of the identity endpoint, so that a fault can be told in the endpoint's own words."""

    def __init__(self) -> None:
        self._status: int | None = None
        self._text = ""

    def transport(self) -> RequestsTransport:
        """A transport for azure-identity that notes each answer here."""
        session = Session()
        session.hooks["response"].append(self._note)
        return RequestsTransport(session=session, connection_timeout=CONNECT_TIMEOUT, read_timeout=READ_TIMEOUT)

    @property
    def words(self) -> str | None:
        """What was answered; None where nothing was. Nothing of a success, which holds a token."""
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
    """A credential for all threads of the process. `get_token` is what Azure's clients ask, too."""

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
        """The one that is under way."""
        self._not_before = 0.0
        """When a token that is still valid may be renewed, or replaced, next."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        """A valid token. Raises TokenUnavailable, or ServiceAway where the endpoint is known to be away."""
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
        """A token that is not the rejected one, if there is any other; one request a minute at most."""
        with self._changed:
            token, is_recent = self._token, self._clock() < self._not_before
            if token is not None and (token.token != rejected or (is_recent and self._request is None)):
                return token
            self._not_before = self._clock() + RENEW_AGAIN
            try:
                return self._ask(scopes, options)
            except TransientError:
                # No other token was given out: who asks next may ask again, as soon as the gate lets it.
                self._not_before = self._clock()
                raise

    def _ask(self, scopes: tuple[str, ...], options: dict[str, Any]) -> AccessToken:
        """Make a request, or wait for the one that is under way."""
        with self._changed:
            request = self._request
            if request is None or request.is_over(self._clock()):
                leave = self._gate.enter("token", self)
                request = self._request = _Request(self._clock() + self._limit, leave)
                # A credential of its own: an old one repeats its last error from memory, or a token that was rejected.
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
        """Note how a request ended; what comes of it after its limit is a token, or nothing."""
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
    """A request for a token that is under way, or has ended."""

    def __init__(self, deadline: float, leave: Leave) -> None:
        self.deadline = deadline
        self.leave = leave
        self.is_done = False
        self.token: AccessToken | None = None
        self.error: TokenUnavailable | None = None

    def is_over(self, now: float) -> bool:
        """Whether nobody waits for it any more."""
        return self.is_done or now > self.deadline
