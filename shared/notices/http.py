"""One call of a target: bounded in time and size, never through a redirect, never logged with its address."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

import requests
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError

from shared import VERSION
from shared.errors import TargetRefused, TargetUnavailable
from shared.graph.http_session import ServiceSession
from shared.json_text import write_json
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping

CONNECT_TIMEOUT, READ_TIMEOUT, WHOLE_TIMEOUT = 5.0, 20.0, 60.0
"""Seconds to wait for a connection, for each part of an answer, and for all of it."""

MAX_ANSWER = 4_000_000
"""Most bytes of an answer that are read: a ticket's whole journal."""

_CHUNK = 65_536
_MAX_DETAIL = 200
_TRY_AGAIN = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.TOO_EARLY,
        HTTPStatus.TOO_MANY_REQUESTS,
        *range(500, 600),
    }
)
_UNCLEAR = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.GATEWAY_TIMEOUT})
"""Answers after which the target may have done what was asked."""
_ALWAYS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
"""Refusals that the next notice would get as well."""


class Answer(NamedTuple):
    """What a target answered; the names of the headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether it is a 2xx."""
        return self.status in range(200, 300)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def json(self) -> dict[str, Any]:
        """The body's JSON object; an empty one where it is none."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def raise_unless_success(self, *, always: frozenset[int] = _ALWAYS) -> None:
        """Raise TargetUnavailable or TargetRefused, by the status alone; `always` are refusals of whatever is sent."""
        if self.is_success:
            return
        detail = f"answered {self.status} {self.start}".rstrip()
        if self.status in _TRY_AGAIN:
            raise TargetUnavailable(detail, retry_after=self.retry_after, may_have_worked=self.status in _UNCLEAR)
        raise TargetRefused(detail, always=self.status in always or self.status in range(300, 400))

    @property
    def start(self) -> str:
        """How the body begins, in one line: what a person needs of it."""
        return shorten(" ".join(self.text[: 4 * _MAX_DETAIL].split()), _MAX_DETAIL)

    @property
    def retry_after(self) -> float | None:
        """Seconds of the Retry-After header, which is a number of seconds or an HTTP date (RFC 9110)."""
        value = self.headers.get("retry-after", "").strip()
        if value.isdecimal():
            return float(value)
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, OverflowError):
            return None
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())


class Http:
    """The HTTP session of one target; used by all threads of the process."""

    def __init__(self, threads: int) -> None:
        self._session = ServiceSession(threads)
        self._session.headers["User-Agent"] = f"start-job-function/{VERSION}"

    def call(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        json_body: object = None,
        data: bytes | None = None,
    ) -> Answer:
        """The answer, whatever its status. Raises TargetUnavailable where none came whole."""
        deadline = time.monotonic() + WHOLE_TIMEOUT
        headers = dict(headers or {})
        if json_body is not None:
            headers["Content-Type"], data = "application/json", write_json(json_body).encode()
        try:
            with self._session.request(
                method,
                url,
                headers=headers,
                data=data,
                timeout=(CONNECT_TIMEOUT, READ_TIMEOUT),
                allow_redirects=False,
                stream=True,
            ) as response:
                return Answer(
                    response.status_code,
                    {name.lower(): value for name, value in response.headers.items()},
                    _body(response, deadline),
                )
        except requests.RequestException as error:
            # Without the error's own text: the address is in it.
            raise TargetUnavailable(
                f"gave no answer: {type(error).__name__}", may_have_worked=not _never_sent(error)
            ) from None


def _body(response: requests.Response, deadline: float) -> bytes:
    body = b""
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER or time.monotonic() > deadline:
            # The status is known, and a text that is cut off is enough to say why.
            break
    return body


def _never_sent(error: requests.RequestException) -> bool:
    """Whether the connection could not even be made."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, (NewConnectionError, ConnectTimeoutError))
