"""The answers to HTTP requests for the status of a start request.

The answer is 202 with Location and Retry-After while the start request is in progress, and 200 when it has ended. Logic
Apps, Power Automate and clients of Durable Functions follow this (Microsoft Learn, "Asynchronous request-reply
pattern"). For Logic Apps, any status but 202 is the end.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from shared.errors import StatusUnavailable, TransientError
from shared.intake.problem import answer, problem
from shared.json_text import known
from shared.outcome import Outcome
from shared.request.reference import parse_guid
from shared.status.address import KEPT_FOR, RETRY_AFTER, address, collection_of, issued_at, waiting_headers
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.intake.problem import Answer
    from shared.settings import Settings
    from shared.status.table import Event, StatusTable

PATIENT = 60
"""Seconds between two polls for a request that waits for something."""

LATE = timedelta(hours=2)
"""How long after GIVE_UP_AFTER the last event may come, because a host that died still has the message for a while."""

_CLOCKS = timedelta(minutes=1)
"""How far the clock of an event's instance may be behind the clock of the instance that accepted the request."""

_UNDER_WAY = frozenset({Outcome.DELAYED})
_AFTERWARDS = frozenset({Outcome.RECOVERED, Outcome.RELAPSED, Outcome.UNCONFIRMED})
"""What an event says about a start after its request has ended."""

MAX_TOP = 100
"""Most requests per page of a list."""
TOP = 20

_NUMBER = re.compile(r"[0-9]{1,3}", re.ASCII)
_CURSOR = re.compile(r"([0-9TZ:.-]{20,30}) ([0-9a-f-]{36})", re.ASCII)
"""Time and id of an event."""

_NOT_THERE = "There is no request at this address: it was changed, it has expired, or it is not this app's."


def of_request(
    request_id: str,
    query: Mapping[str, str],
    url: str,
    *,
    keys: Sequence[bytes],
    settings: Settings,
    table: Callable[[], StatusTable],
    now: datetime | None = None,
) -> Answer:
    """GET /api/start-requests/{requestId}. Makes no call before it has checked the signature."""
    now = now or datetime.now(UTC)
    issued = issued_at(request_id, query.get("issued", ""), query.get("signature", ""), keys, now)
    if issued is None:
        return problem(HTTPStatus.NOT_FOUND, _NOT_THERE)
    try:
        events = table().of_request(request_id, issued - _CLOCKS, now)
    except TransientError as error:
        return _unavailable(error)
    since = format_time(issued - _CLOCKS)
    events = [event for event in events if event["time"] >= since]
    last = next((event for event in reversed(events) if _ends(event)), None)

    def address_of(each: str) -> str:
        return address(collection_of(url), each, keys[0], issued)

    if last is not None:
        return answer(HTTPStatus.OK, _ended(events, last, issued, address_of))
    if now > issued + settings.give_up_after + LATE:
        return problem(HTTPStatus.NOT_FOUND, "This request has left no event here; see the queue of status events.")
    return answer(
        HTTPStatus.ACCEPTED,
        {"requestId": request_id, "status": "underWay", "createdTime": format_time(issued), "events": events},
    )._replace(headers=waiting_headers([address_of(request_id)], PATIENT if events else RETRY_AFTER))


def of_application(
    query: Mapping[str, str], url: str, *, table: Callable[[], StatusTable], now: datetime | None = None
) -> Answer:
    """GET /api/start-requests?servicePrincipal=…: its last requests, newest first."""
    now = now or datetime.now(UTC)
    principal = parse_guid(query.get("servicePrincipal", ""))
    if principal is None:
        return problem(HTTPStatus.BAD_REQUEST, "servicePrincipal must be the object id of an enterprise application.")
    top = _top(query.get("top"))
    if top is None:
        return problem(HTTPStatus.BAD_REQUEST, f"top must be a whole number from 1 to {MAX_TOP}.")
    cursor = query.get("after")
    after = _after(cursor) if cursor is not None else None
    if cursor is not None and after is None:
        return problem(HTTPStatus.BAD_REQUEST, "after must be what nextLink of another page says.")
    try:
        found, is_last = _page(table(), principal, top, after, now)
    except TransientError as error:
        return _unavailable(error)
    value: dict[str, Any] = {"value": [_listed(event) for event in found]}
    if not is_last:
        here = urlsafe_b64encode(f"{found[-1]['time']} {found[-1]['id']}".encode()).decode().rstrip("=")
        value["nextLink"] = f"{collection_of(url)}?servicePrincipal={principal}&top={top}&after={here}"
    return answer(HTTPStatus.OK, value)


def _page(
    table: StatusTable, principal: str, top: int, after: tuple[str, str] | None, now: datetime
) -> tuple[list[Event], bool]:
    """The last event of each request after the cursor, and whether this is the last page.

    Also reads the pages before, because a request is listed only where its last event is.
    """
    found: list[Event] = []
    seen: set[str] = set()
    for event in table.of_application(principal, now - KEPT_FOR, now + _CLOCKS):
        request_id = event["data"]["requestId"]
        if request_id in seen:
            continue
        seen.add(request_id)
        if after is not None and (event["time"], event["id"]) >= after:
            continue
        if len(found) == top:
            return found, False
        found.append(event)
    return found, True


def _ends(event: Event) -> bool:
    outcome = event["data"]["outcome"]
    return outcome not in _UNDER_WAY and outcome not in _AFTERWARDS


def _ended(events: list[Event], last: Event, issued: datetime, address_of: Callable[[str], str]) -> dict[str, Any]:
    data = last["data"]
    queued = [{**item, "status": address_of(item["requestId"])} for item in data.get("queued", [])]
    return known(
        {
            "requestId": data["requestId"],
            "status": "ended",
            "outcome": data["outcome"],
            "reason": data["reason"],
            "message": data["message"],
            "advice": data.get("advice"),
            "createdTime": format_time(issued),
            "lastUpdatedTime": events[-1]["time"],
            "queued": queued or None,
            "events": events,
        }
    )


def _listed(event: Event) -> dict[str, Any]:
    """An event in a list: the fields that a person looks for."""
    data = event["data"]
    return known(
        {
            "requestId": data["requestId"],
            "time": event["time"],
            "outcome": data["outcome"],
            "reason": data["reason"],
            "message": data["message"],
            "advice": data.get("advice"),
            "jobId": data.get("job", {}).get("jobId"),
            "requestedBy": data["requestedBy"],
            "eventId": event["id"],
        }
    )


def _unavailable(error: TransientError) -> Answer:
    detail = str(error) if isinstance(error, StatusUnavailable) else "the status table can't be read now"
    told = problem(HTTPStatus.SERVICE_UNAVAILABLE, f"The app can't read the status now: {detail}.")
    return told._replace(headers={"Retry-After": str(PATIENT)})


def _top(text: str | None) -> int | None:
    if text is None:
        return TOP
    return int(text) if _NUMBER.fullmatch(text) and 1 <= int(text) <= MAX_TOP else None


def _after(cursor: str) -> tuple[str, str] | None:
    """Time and id of the last event of the page before; None if the text is not a cursor."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except ValueError:
        return None
    found = _CURSOR.fullmatch(text)
    return (found[1], found[2]) if found is not None else None
