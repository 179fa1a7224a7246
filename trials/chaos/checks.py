"""Checks the record of a run against what the app promises. A finding is a sentence that says what to look for."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from local.parts.environment import REPOSITORY
from trials.chaos.endings import repeated_endings, untrue_endings
from trials.chaos.fates import FATES, untrue_fates
from trials.chaos.limits import SECOND_START_AFTER
from trials.chaos.starts import wrong_starts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from local.client.status_events import Event
    from trials.chaos.record import Record, StartCall

_ENDINGS: Final = frozenset({"started", "skipped", "held", "failed", "rejected", "expanded"})
# Two events of one id may differ in when, and by which calls, the same was found.
_PASSING: Final = frozenset({"time"})
_PASSING_DATA: Final = frozenset(
    {"waited", "processingStartedAt", "jobStartedAt", "finishedAt", "requestedAt", "graph"}
)


_JUST_BEFORE: Final = timedelta(seconds=3)
"""How long before a start the read that decides it may be, at most."""


def missing(record: Record) -> list[str]:
    """What is missing so far, but may still come."""
    return [*_unanswered(record), *_fates_unknown(record), *_left_over(record)]


def broken(record: Record, *, start_limit: int) -> list[str]:
    """What must never happen, however long the run waits."""
    return [
        *_wrongly_answered(record),
        *_invalid(record.events),
        *_ambiguous_ids(record.events),
        *wrong_starts(record),
        *untrue_endings(record),
        *repeated_endings(record),
        *untrue_fates(record),
        *_repeated_starts(record),
        *_starts_of_running_jobs(record),
        *_starts_over_the_limit(record, start_limit),
        *_starts_without_event(record),
        *_events_without_start(record),
        *_taken_back(record.events),
        *_lying_parents(record.events),
    ]


def _unanswered(record: Record) -> Iterator[str]:
    """Every accepted request has a terminal event. For one that became several, each of those has."""
    sent = {request_id: str(each.sending) for each in record.sent for request_id in each.request_ids}
    for event in record.events:
        for part in event["data"].get("queued", ()):
            sent.setdefault(part["requestId"], f"job {part['jobId']} of request {event['data']['requestId']}")
    answered = {event["data"]["requestId"] for event in record.events if _is_ending(event)}
    for request_id in sent.keys() - answered:
        yield f"Request {request_id} has no terminal event ({sent[request_id]})."


def _fates_unknown(record: Record) -> Iterator[str]:
    """Every start ends in one more event, which says whether it helped."""
    known = {event["data"]["requestId"] for event in record.events if event["data"]["outcome"] in FATES}
    for event in record.events:
        if event["data"]["outcome"] == "started" and event["data"]["requestId"] not in known:
            yield f"Nothing says whether the start of {_job(event)} helped: {_name(event)}."


def _left_over(record: Record) -> Iterator[str]:
    for queue, count in record.left.items():
        if count:
            yield f"Queue {queue} still holds {count} {'message' if count == 1 else 'messages'}."


def _wrongly_answered(record: Record) -> Iterator[str]:
    """Valid requests are not answered with a 4xx, and invalid requests with nothing else."""
    for each in record.sent:
        if each.refused_with is not None and each.sending.is_valid:
            yield f"A valid request was refused with {each.refused_with} ({each.sending})."
        if each.sending.way.is_http and each.request_ids and not each.sending.is_valid:
            yield f"An invalid request was accepted: {each.request_ids} ({each.sending})."


def _invalid(events: Iterable[Event]) -> Iterator[str]:
    for event in events:
        for error in _schema().iter_errors(event):
            yield f"The event does not match the schema, at {error.json_path}: {error.message[:200]}: {_name(event)}."


def _ambiguous_ids(events: Iterable[Event]) -> Iterator[str]:
    """No event id has two contents."""
    first: dict[str, Event] = {}
    for event in events:
        other = first.setdefault(event["id"], event)
        differences = [*_differences(_content(other), _content(event))]
        if differences:
            yield f"Two contents have one event id, and differ in {'; '.join(differences)}: {_name(event)}."


def _repeated_starts(record: Record) -> Iterator[str]:
    """No job was started twice in one episode."""
    for starts in _by(record.starts(), lambda start: (start.job, start.code_before, start.series_began)).values():
        if starts[0].ran_before:
            continue
        if not all(_was_allowed_again(record, start) for start in starts[1:]):
            yield f"{starts[0].job} was started {len(starts)} times {starts[0].episode}, {_when(starts)}."


def _starts_of_running_jobs(record: Record) -> Iterator[str]:
    for start in record.starts():
        if start.ran_before and not _was_allowed_again(record, start):
            yield f"{start.job} was started while Active, {_when([start])}."


def _was_allowed_again(record: Record, start: StartCall) -> bool:
    """Whether README allows one more start, after a lost answer and a stale read after the pause."""
    earlier = [each for each in record.starts() if each.job == start.job and each.done_at < start.done_at]
    return (
        not record.is_calm
        and bool(earlier)
        and earlier[-1].done_at + SECOND_START_AFTER <= start.done_at
        and any(read.is_stale for read in record.truth.reads(start.job_id, start.done_at - _JUST_BEFORE, start.done_at))
    )


def _starts_over_the_limit(record: Record, limit: int) -> Iterator[str]:
    """No job that relapses is started more often than the limit allows."""
    for job, starts in _by(_effective(record), lambda start: start.job).items():
        if len(starts) > limit:
            yield f"{job} was started {len(starts)} times, {limit} are allowed, {_when(starts)}."


def _starts_without_event(record: Record) -> Iterator[str]:
    """Each start is reported, if necessary by an event that the app gave up."""
    events = _by(record.events, _job)
    for job, starts in _by(_effective(record), lambda start: start.job).items():
        told = {
            event["id"]  # a request may start its job once more in a later quarantine
            for event in events.get(job, ())
            if event["data"]["outcome"] == "started" or event["data"]["reason"] == "gave_up"
        }
        if len(told) < len(starts):
            yield f"{job} was started {len(starts)} times, {_when(starts)}, but only {len(told)} events report it."


def _events_without_start(record: Record) -> Iterator[str]:
    """No event reports a start that did not happen."""
    starts = _by(_effective(record), lambda start: start.job)
    started = [event for event in record.events if event["data"]["outcome"] == "started"]
    for job, events in _by(started, _job).items():
        requests = {event["data"]["requestId"] for event in events}
        count = len(starts.get(job, ()))
        if len(requests) > count:
            yield f"{job} was started {count} times, but requests {', '.join(sorted(requests))} say that they did."


def _is_new_task(event: Event, earlier: Event) -> bool:
    """Whether the job is in another quarantine or pause than the earlier event says."""
    job, then = (each["data"].get("job", {}) for each in (event, earlier))
    if job.get("codeBefore") == "Paused":
        return True
    series = job.get("quarantine", {}).get("seriesBegan")
    return series is not None and series != then.get("quarantine", {}).get("seriesBegan")


def _taken_back(events: Iterable[Event]) -> Iterator[str]:
    """A request that has started its job says so each time in that quarantine. Only giving up may follow."""
    for same in _by(filter(_is_ending, events), lambda event: event["data"]["requestId"]).values():
        started = [event for event in same if event["data"]["outcome"] == "started"]
        for event in same:
            data = event["data"]
            if data["outcome"] == "started" or data["reason"] == "gave_up":
                continue
            before = [earlier for earlier in started if data["processingStartedAt"] > earlier["data"]["finishedAt"]]
            if any(not _is_new_task(event, earlier) for earlier in before):
                yield f"The request had started its job already, but says {data['reason']}: {_name(event)}."


def _lying_parents(events: Iterable[Event]) -> Iterator[str]:
    """A request that became several names each of them, unless it gave up.

    The same request sent twice may find nothing to start the second time, and also say that.
    """
    told = _by(filter(_is_ending, events), lambda event: event["data"]["requestId"])
    for event in events:
        data = event["data"]
        parents = told.get(data.get("parentRequestId"), ())
        named = {part["requestId"] for each in parents for part in each["data"].get("queued", ())}
        gave_up = any(each["data"]["reason"] == "gave_up" for each in parents)
        if parents and not gave_up and data["requestId"] not in named:
            yield f"The request was made from another, which does not name it ({_name(parents[0])}): {_name(event)}."


def _is_ending(event: Event) -> bool:
    return event["data"]["outcome"] in _ENDINGS


def _effective(record: Record) -> Iterator[StartCall]:
    return (start for start in record.starts() if start.took_effect)


def _by[Key, Item](items: Iterable[Item], key: Callable[[Item], Key]) -> dict[Key, list[Item]]:
    groups: dict[Key, list[Item]] = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


def _content(event: Event) -> dict[str, Any]:
    if event["data"]["outcome"] in FATES:
        # A start has one event for its fate. The id depends only on start and reason, not on what else was seen of the
        # job.
        return {name: event["data"][name] for name in ("requestId", "reason", "jobStartedAt")} | {"job": _job(event)}
    data = {name: value for name, value in event["data"].items() if name not in _PASSING_DATA}
    if request := data.get("request"):
        data["request"] = {name: value for name, value in request.items() if name not in _PASSING_DATA}
    return {name: value for name, value in event.items() if name not in _PASSING} | {"data": data}


def _differences(one: Any, other: Any, place: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted(one.keys() | other.keys()):
            yield from _differences(one.get(name), other.get(name), f"{place}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from _differences(left, right, f"{place}/{index}")
    elif one != other:
        yield f"{place} ({one!r}, {other!r})"


def _name(event: Mapping[str, Any]) -> str:
    data = event["data"]
    return f"event {event['id']}, request {data['requestId']}, {data['outcome']}/{data['reason']}, {_job(event)}"


def _job(event: Mapping[str, Any]) -> str:
    return str(event.get("subject", "no job"))


def _when(starts: Iterable[StartCall]) -> str:
    return ", ".join(start.when for start in starts)


@cache
def _schema() -> Draft202012Validator:
    status, request = (_read_schema(f"{name}.schema.json") for name in ("start-status", "start-request"))
    known = Registry().with_resources([(schema["$id"], Resource.from_contents(schema)) for schema in (status, request)])
    return Draft202012Validator(status, registry=known, format_checker=FormatChecker())


def _read_schema(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((REPOSITORY / "schemas" / name).read_text(encoding="utf-8"))
    return schema
