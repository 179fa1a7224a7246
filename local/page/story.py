"""The story of a request: what happened and when, from its events and the calls to Graph."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.mark import unmarked

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local.client.simulation import Call
    from local.client.status_events import Event

_FAILED = 400
_FATES = frozenset({"recovered", "relapsed", "unconfirmed"})


class Sent(NamedTuple):
    """A request that the page sent, and the app accepted."""

    request_id: str
    time: datetime
    by: str
    job_id: str
    application: str


class Kind(StrEnum):
    """How a moment is shown."""

    ACCEPTED = "accepted"
    WAITS = "waits"
    GOOD = "good"
    QUIET = "quiet"
    BAD = "bad"
    HELD = "held"
    OPEN = "open"


_KINDS = {
    "started": Kind.GOOD,
    "recovered": Kind.GOOD,
    "expanded": Kind.QUIET,
    "skipped": Kind.QUIET,
    "delayed": Kind.WAITS,
    "held": Kind.HELD,
    "unconfirmed": Kind.HELD,
    "rejected": Kind.BAD,
    "failed": Kind.BAD,
    "relapsed": Kind.BAD,
}


class Moment(NamedTuple):
    """One thing that happened, or, without a time, that is still to happen."""

    kind: Kind
    title: str
    detail: str
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Story:
    """One request, from its acceptance on."""

    request_id: str
    by: str
    application: str
    job_id: str
    moments: tuple[Moment, ...]
    parent: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether its last event is still to come: the terminal one, or the one that says whether its start helped."""
        return self.moments[-1].kind is Kind.OPEN

    @property
    def began(self) -> datetime:
        """When it was accepted."""
        return min(moment.time for moment in self.moments if moment.time is not None)


def stories(sent: Iterable[Sent], events: Sequence[Event], calls: Sequence[Call] = ()) -> list[Story]:
    """The story of each request, in order of acceptance. `calls` are those to Graph, oldest first."""
    by_request: dict[str, list[Event]] = {}
    for event in events:
        by_request.setdefault(event["data"]["requestId"], []).append(event)
    known = {each.request_id: each for each in sent}
    found = [_story(request_id, known.get(request_id), own, calls) for request_id, own in by_request.items()]
    found += [_story(each.request_id, each, [], calls) for each in known.values() if each.request_id not in by_request]
    return sorted(found, key=lambda story: story.began)


def _story(request_id: str, sent: Sent | None, events: list[Event], calls: Sequence[Call]) -> Story:
    first: dict[str, Any] = events[0]["data"] if events else {}
    job: dict[str, Any] = next((each["data"]["job"] for each in events if "job" in each["data"]), {})
    requested_by = first.get("requestedBy", {})
    by = " ".join(filter(None, (requested_by.get("source"), requested_by.get("reference"))))
    accepted = _time(first["requestedAt"]) if "requestedAt" in first else None
    if accepted is None and sent is not None:
        accepted = sent.time
    moments = [] if accepted is None else [Moment(Kind.ACCEPTED, "accepted", f"by {by}" if by else "", accepted)]
    moments += [_moment(event) for event in events]
    job_id = str(job.get("jobId") or (sent.job_id if sent else ""))
    outcomes = {event["data"]["outcome"] for event in events}
    if not outcomes - {"delayed"}:
        began = moments[0].time
        moments.append(_under_way(job_id, began, calls, told="delayed" in outcomes))
    elif "started" in outcomes and not outcomes & _FATES:
        moments.append(Moment(Kind.OPEN, "did it help?", "the app looks at the job until it knows", None))
    return Story(
        request_id=request_id,
        by=(sent.by if sent else "") or by,
        application=str(job.get("appDisplayName") or (sent.application if sent else "")),
        job_id=job_id,
        moments=tuple(moments),
        parent=first.get("parentRequestId"),
    )


def _moment(event: Event) -> Moment:
    data = event["data"]
    outcome = data["outcome"]
    title = "waits" if outcome == "delayed" else outcome
    detail = f"{data.get('reason', '')}".replace("_", " ")
    if outcome == "delayed":
        detail = unmarked(data["message"])
    elif asked := [f"{call.get('operation')} {call.get('status') or '(no answer)'}" for call in data.get("graph", ())]:
        detail += f"; Graph: {', '.join(asked)}"
    return Moment(_KINDS.get(outcome, Kind.QUIET), title, detail, _time(event["time"]))


def _under_way(job_id: str, since: datetime | None, calls: Sequence[Call], *, told: bool) -> Moment:
    """A request without its terminal event: how often Graph was called about its job since then, and its last answer.

    `told` says whether an event has already reported that it waits.
    """
    own = [
        call
        for call in calls
        if job_id and f"/jobs/{job_id}" in call["path"] and since is not None and _time(call["time"]) >= since
    ]
    if not own:
        return Moment(Kind.OPEN, "under way", "on the queue", None)
    times = "once" if len(own) == 1 else f"{len(own)} times"
    status = own[-1]["status"]
    waits = status is None or status >= _FAILED
    detail = f"Graph was asked {times}; its last answer: {status or 'none'}"
    return Moment(Kind.OPEN, ("still waits" if told else "waits") if waits else "under way", detail, None)


def _time(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)
