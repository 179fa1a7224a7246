"""Calls to targets, with limits on time and size. Redirects are not followed, and addresses never logged."""

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
"""Seconds to wait for a connection, for each read of an answer, and for the whole answer."""

MAX_ANSWER = 4_000_000
"""The most bytes of an answer that are read: enough for the whole journal of a ticket."""

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
"""Answers after which the call may still have had its effect."""
_ALWAYS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.FORBIDDEN, HTTPStatus.GONE})
"""Refusals that the next notice would also get."""


class Answer(NamedTuple):
    """The answer of a target. The names of its headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_success(self) -> bool:
        """Whether the status is a 2xx."""
        return self.status in range(200, 300)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode(errors="replace")

    @property
    def json(self) -> dict[str, Any]:
        """The JSON object in the body; an empty one if the body is anything else."""
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return value if isinstance(value, dict) else {}

    def raise_unless_success(self, *, always: frozenset[int] = _ALWAYS) -> None:
        """Raise TargetUnavailable or TargetRefused if the status is not a 2xx.

        `always` are the statuses that refuse all notices. Redirects count as such, too.
        """
        if self.is_success:
            return
        detail = f"answered {self.status} {self.start}".rstrip()
        if self.status in _TRY_AGAIN:
            raise TargetUnavailable(detail, retry_after=self.retry_after, may_have_worked=self.status in _UNCLEAR)
        raise TargetRefused(detail, always=self.status in always or self.status in range(300, 400))

    @property
    def start(self) -> str:
        """The beginning of the body, in one line, for error messages."""
        return shorten(" ".join(self.text[: 4 * _MAX_DETAIL].split()), _MAX_DETAIL)

    @property
    def retry_after(self) -> float | None:
        """Seconds of the Retry-After header: a number or an HTTP date (RFC 9110). None if there is no valid one."""
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
    """The HTTP session of one target. All threads of the process use it."""

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
        """The answer, whatever its status. Raises TargetUnavailable if there is no complete answer."""
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
            # The text of the error has the address, so it is left out.
            raise TargetUnavailable(
                f"gave no answer: {type(error).__name__}", may_have_worked=not _never_sent(error)
            ) from None


def _body(response: requests.Response, deadline: float) -> bytes:
    body = b""
    for chunk in response.iter_content(_CHUNK):
        body += chunk
        if len(body) > MAX_ANSWER or time.monotonic() > deadline:
            # The status is known, and the beginning of the body is enough for error messages.
            break
    return body


def _never_sent(error: requests.RequestException) -> bool:
    """Whether no connection was made, so that the target cannot have received the call."""
    cause = error.args[0] if error.args else None
    return isinstance(cause, MaxRetryError) and isinstance(cause.reason, (NewConnectionError, ConnectTimeoutError))
