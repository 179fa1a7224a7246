"""What an answer of Microsoft Graph means: the object in it, or the fault that it tells.

Status alone decides badly: an outage was seen as 400, a web server's page as 404, a throttled call as a 200 with an
error in it. So the codes in the body and Retry-After count as well, and a refusal counts as Graph's only where it has
Graph's form.

Source: Microsoft Graph documentation, "Error responses and resource types" and "Throttling guidance"; issues
msgraph-sdk-python 1159 and msgraph-sdk-java-core 732 (two numbers in one header), microsoft-graph-docs 8188 and 2290
(400 in an outage; a page in place of Graph's own words), microsoft-graph-explorer 870 (200 with an error).
"""

from __future__ import annotations

import base64
import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol

from shared.errors import GraphRefused, GraphUnavailable
from shared.outcome import Reason
from shared.text import shorten

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TRY_AGAIN = frozenset(
    {
        HTTPStatus.REQUEST_TIMEOUT,
        HTTPStatus.CONFLICT,
        HTTPStatus.LOCKED,
        HTTPStatus.TOO_MANY_REQUESTS,
        *range(500, 600),
    }
)
_NOT_DONE = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED, HTTPStatus.TOO_MANY_REQUESTS})
"""Answers by which Graph surely has not done what was asked."""
_ONE_RESOURCE = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED})
"""Answers that speak of what was asked for, not of Graph."""
_THROTTLED = frozenset(
    {"activitylimitreached", "toomanyrequests", "throttledrequest", "request_throttledtemporarily", "quotalimitreached"}
)
_UNAVAILABLE = frozenset({"servicenotavailable", "serviceunavailable", "servicereadonly"})
_NO_LICENSE = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
"""The code of a 403 in a tenant without a licence of Microsoft Entra ID P1 or P2."""
# Texts, and compiled when an answer needs one: those of a start that goes well need none.
_CLAIMS = r'\bclaims="(?P<claims>[A-Za-z0-9_+/=-]+)"'
_NUMBER = r"(?a)(?<![\w.+-])\d{1,9}(?:\.\d{1,9})?(?![\w.:])"
_DATE = r"(?a)[A-Za-z]{3,9}, \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{1,2}:\d{1,2}:\d{1,2} [-+\w]+"
_PAGE = r"(?i)<(?:!doctype|html|head|body|h\d|\?xml)\b"
_MAX_DETAIL = 500


class Answer(Protocol):
    """An answer of Graph: one of its own, or the part of a batch. Names of headers are known in any case."""

    @property
    def status_code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers."""
        ...

    @property
    def content(self) -> bytes:
        """The body."""
        ...

    @property
    def text(self) -> str:
        """The body as text."""
        ...


def object_in(response: Answer) -> dict[str, Any] | None:
    """The JSON object of an answer, with or without a byte order mark; None where it is none."""
    try:
        value = json.loads(response.content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def fault_in(operation: str, response: Answer) -> GraphUnavailable | GraphRefused:
    """The exception for an answer that is no success."""
    status = response.status_code
    error = _error(response)
    code, message = str(error.get("code") or ""), " ".join(str(error.get("message") or "").split())
    retry_after = seconds_of(response.headers.get("Retry-After"))
    codes = {each.lower() for each in _codes(error)}
    throttled = status == HTTPStatus.TOO_MANY_REQUESTS or bool(codes & _THROTTLED)
    # An error page of what is in front of Graph says nothing of the job.
    is_foreign = status in (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND) and (
        not code or bool(re.search(_PAGE, message))
    )
    asks_to_come_back = status in _TRY_AGAIN or bool(codes & _UNAVAILABLE) or retry_after is not None
    if throttled or asks_to_come_back or is_foreign:
        return GraphUnavailable(
            " ".join(filter(None, (operation, "answered", str(status), code, _short(message, response)))),
            retry_after=retry_after,
            may_have_worked=status not in _NOT_DONE and not throttled,
            throttled=throttled,
            one_resource=status in _ONE_RESOURCE or is_foreign,
        )
    reason = _reason(status, code) if claims_of(response) is None else Reason.BLOCKED_BY_POLICY
    return GraphRefused(reason, operation=operation, status=status, code=code, detail=message)


def seconds_of(value: str | None) -> float | None:
    """Seconds of a Retry-After header; None where it names no time to come.

    It is a number of seconds or an HTTP date (RFC 9110). Several were seen, in one header or on several lines: the
    longest counts. Nought and what is past were seen where the throttling went on: they say nothing.
    """
    if value is None:
        return None
    times: list[float] = []
    for date in re.findall(_DATE, value):
        try:
            moment = parsedate_to_datetime(date)
        except (ValueError, OverflowError):
            continue
        moment = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
        times.append((moment - datetime.now(UTC)).total_seconds())
    times += map(float, re.findall(_NUMBER, re.sub(_DATE, " ", value)))
    longest = math.ceil(max(times, default=0.0))
    return float(longest) if longest > 0 else None


def claims_of(response: Answer) -> str | None:
    """The claims that a token has to have, where a 401 asks for them.

    Source: Microsoft Learn, "Claims challenges, claims requests and client capabilities".
    """
    if response.status_code != HTTPStatus.UNAUTHORIZED:
        return None
    found = re.search(_CLAIMS, response.headers.get("WWW-Authenticate", ""))
    if found is None:
        return None
    try:
        return base64.urlsafe_b64decode(found["claims"] + "==").decode()
    except ValueError:
        return None


def throttling_of(response: Answer) -> str | None:
    """What Graph says of what it throttles, and why (Microsoft Graph documentation, "Throttling limits")."""
    names = ("x-ms-throttle-scope", "x-ms-throttle-information")
    return ", ".join(response.headers[name] for name in names if name in response.headers) or None


def _short(message: str, response: Answer) -> str:
    """The message of an error in short: what a page says in place of its text, else its beginning."""
    text = message or ("" if object_in(response) is not None else response.text[:10_000])
    page = re.search(_PAGE, text)
    if page is None:
        return shorten(message, _MAX_DETAIL)
    title = re.search(r"<title>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
    return f"(a page: {shorten(' '.join(title[1].split()), 100)})" if title else "(a page)"


def _error(response: Answer) -> dict[str, Any]:
    error = (object_in(response) or {}).get("error")
    return error if isinstance(error, dict) else {}


def _codes(error: dict[str, Any]) -> Iterator[str]:
    """The code of an error and those within it."""
    inner: Any = error
    for _ in range(5):
        if not isinstance(inner, dict):
            return
        if isinstance(code := inner.get("code"), str):
            yield code
        inner = inner.get("innerError", inner.get("innererror"))


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
