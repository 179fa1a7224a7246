"""What an answer of Microsoft Graph means: the object in it, or the exception to raise.

The status alone is not reliable. Outages were seen as 400, pages of a web server as 404, and throttled calls as 200
with an error in the body. So the codes in the body and Retry-After count as well. A refusal counts as Graph's only if
it has Graph's form.

Sources:

- Microsoft Graph documentation, "Error responses and resource types" and "Throttling guidance"
- issues msgraph-sdk-python 1159 and msgraph-sdk-java-core 732: two numbers in one header
- issues microsoft-graph-docs 8188 and 2290: 400 in an outage, and a page instead of Graph's error
- issue microsoft-graph-explorer 870: 200 with an error
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
"""Answers after which the call surely had no effect."""
_ONE_RESOURCE = frozenset({HTTPStatus.CONFLICT, HTTPStatus.LOCKED})
"""Answers about the state of one resource. They do not mean that Graph is down."""
_THROTTLED = frozenset(
    {"activitylimitreached", "toomanyrequests", "throttledrequest", "request_throttledtemporarily", "quotalimitreached"}
)
_UNAVAILABLE = frozenset({"servicenotavailable", "serviceunavailable", "servicereadonly"})
_NO_LICENSE = "Authentication_RequestFromNonPremiumTenantOrB2CTenant"
"""The code of a 403 in a tenant without a licence of Microsoft Entra ID P1 or P2."""
# Plain strings: the answers of a successful start need none of them, so nothing is compiled at import.
_CLAIMS = r'\bclaims="(?P<claims>[A-Za-z0-9_+/=-]+)"'
_NUMBER = r"(?a)(?<![\w.+-])\d{1,9}(?:\.\d{1,9})?(?![\w.:])"
_DATE = r"(?a)[A-Za-z]{3,9}, \d{1,2}[ -][A-Za-z]{3}[ -]\d{2,4} \d{1,2}:\d{1,2}:\d{1,2} [-+\w]+"
_PAGE = r"(?i)<(?:!doctype|html|head|body|h\d|\?xml)\b"
_MAX_DETAIL = 500


class Answer(Protocol):
    """An answer of Graph to a single call or to one part of a batch. Names of headers are case-insensitive."""

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
    """The JSON object in an answer, with or without a byte order mark; None if the body is anything else."""
    try:
        value = json.loads(response.content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def fault_in(operation: str, response: Answer) -> GraphUnavailable | GraphRefused:
    """The exception for an answer that is not a success."""
    status = response.status_code
    error = _error(response)
    code, message = str(error.get("code") or ""), " ".join(str(error.get("message") or "").split())
    retry_after = seconds_of(response.headers.get("Retry-After"))
    codes = {each.lower() for each in _codes(error)}
    throttled = status == HTTPStatus.TOO_MANY_REQUESTS or bool(codes & _THROTTLED)
    # An error page of a proxy in front of Graph says nothing about the job.
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
    """Seconds of a Retry-After header; None if it has no time in the future.

    Its value is a number of seconds or an HTTP date (RFC 9110). Several values were seen, in one header or on several
    lines: the longest counts. 0 and past dates were seen while the throttling continued, so they are ignored.
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
    """The claims that a 401 requires of the token, as JSON; None if it requires none.

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
    """Which limit was reached, and why; None if Graph does not say.

    Source: Microsoft Graph documentation, "Throttling limits".
    """
    names = ("x-ms-throttle-scope", "x-ms-throttle-information")
    return ", ".join(response.headers[name] for name in names if name in response.headers) or None


def _short(message: str, response: Answer) -> str:
    """The beginning of an error's message. For an HTML or XML page, its title instead."""
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
    """The codes of an error and of its inner errors."""
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
        # If the permission is missing, synchronization answers 401 UnknownError with an empty message, not 403.
        # InvalidAuthenticationToken means that the token is wrong, such as one of another tenant or cloud.
        return Reason.AUTHENTICATION_FAILED if code == "InvalidAuthenticationToken" else Reason.PERMISSION_MISSING
    return Reason.BAD_REQUEST
