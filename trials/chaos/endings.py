"""Checks that every terminal event is true, against the requests and the real states of the jobs."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from trials.chaos.asked import STARTABLE
from trials.chaos.limits import GIVE_UP_AFTER, START_LIMIT
from trials.chaos.truth import A_MOMENT, moment_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from local.client.simulation import Call
    from trials.chaos.asked import Asked
    from trials.chaos.record import Record, StartCall
    from trials.chaos.truth import State

    type Rule = Callable[["_Told"], str | None]

HOLDS: Final = frozenset({"too_many_deletes", "quarantined_on_demand", "escrows_pruned"})
_LATEST_FAULT: Final = timedelta(seconds=60)
"""How long after a fault of Graph the app may still pause its calls."""


def untrue_endings(record: Record) -> Iterator[str]:
    """Events whose claim about a request, or about its job, is not true."""
    for event in record.events:
        data = event["data"]
        rule = _RULES.get(data["reason"])
        if rule is None:
            if data["outcome"] not in ("recovered", "relapsed", "unconfirmed", "delayed"):
                yield _sentence(event, "nothing in a run gives a reason for that")
            continue
        # An event that may belong to several requests must be true for one of them.
        faults = [rule(_Told(record, data, asked)) for asked in record.asked.of(data)] or [rule(_Told(record, data))]
        if all(faults):
            yield _sentence(event, str(faults[0]))


def _sentence(event: Mapping[str, Any], fault: str) -> str:
    data = event["data"]
    return (
        f"Untrue: {data['outcome']}/{data['reason']} of request {data['requestId']}, "
        f"{event.get('subject', 'no job')}: {fault} "
        f"(event {event['id']}, work began {data.get('processingStartedAt')})."
    )


class _Told:
    """What an event says, and the request that it may belong to."""

    def __init__(self, record: Record, data: Mapping[str, Any], asked: Asked | None = None) -> None:
        self.record = record
        self.data = data
        self.asked = asked
        self.began = moment_of(data["processingStartedAt"])
        self.ended = moment_of(data["finishedAt"])
        self.job_id: str = data.get("job", {}).get("jobId") or ""

    @property
    def states(self) -> list[State]:
        """The states in which reads can have shown the job while the request was processed."""
        return self.record.truth.shown(self.job_id, self.began, self.ended)

    @property
    def starts(self) -> list[StartCall]:
        """The starts of the job that were done before the end, and had an effect."""
        until = self.ended + A_MOMENT
        return [
            start
            for start in self.record.starts()
            if start.job_id == self.job_id and start.took_effect and start.done_at <= until
        ]

    def was(self, *codes: str) -> bool:
        """Whether reads can have shown the job with one of these codes."""
        return any(state.code in codes for state in self.states)


def _unless(is_right: bool, fault: str) -> str | None:
    return None if is_right else fault


def _started(told: _Told, *, before: str, after: str) -> str | None:
    """A start found the job in state `before`, and the job was then `after` and running before the end.

    In a calm run, where no message comes twice, this happened while the request was processed, or the job still runs.
    """
    if told.record.is_calm and not any(state.runs for state in told.states):
        return "it was not started by this message, and does not run"
    runs = [
        start
        for start in told.starts
        if start.code_before == before or not before
        if any(
            state.runs and state.code == after
            for state in told.record.truth.shown(told.job_id, start.done_at, told.ended)
        )
    ]
    return _unless(bool(runs), f"it was not started while {before or 'startable'}, or was not {after} after that")


def _start_accepted(told: _Told) -> str | None:
    """No read showed that the job runs: the reads after the start failed, or showed something else."""
    if not told.starts:
        return "it was not started"
    operations = [call["operation"] for call in told.data["graph"]]
    if "start" not in operations:  # an earlier attempt started it
        return None
    last = len(operations) - 1 - operations[::-1].index("start")
    reads = {call["clientRequestId"]: call["status"] for call in told.data["graph"][last + 1 :]}
    if not reads:
        since = told.began - _LATEST_FAULT
        left_alone = any(_has_failed(call) and moment_of(call["time"]) >= since for call in told.record.calls)
        return _unless(left_alone, "it was not read after that, and no call had failed")
    for call in told.record.calls:
        read_at = moment_of(call["time"])
        if reads.get(call["headers"].get("client-request-id")) == HTTPStatus.OK and not call.get("staleRead"):
            until = read_at + timedelta(milliseconds=call["durationMs"])
            if all(state.runs for state in told.record.truth.shown(told.job_id, read_at, until)):
                return f"it was read as running at {read_at:%H:%M:%S.%f}"
    return None


def _has_failed(call: Call) -> bool:
    return call["status"] is None or call["status"] >= HTTPStatus.BAD_REQUEST


def _already_active(told: _Told) -> str | None:
    return _unless(any(state.runs for state in told.states), "it did not run")


def _state_not_requested(told: _Told) -> str | None:
    asked = told.asked.start_when if told.asked is not None else STARTABLE
    return _unless(told.was(*STARTABLE - asked), f"it was in none of the states that were not asked for ({asked})")


def _not_startable(told: _Told) -> str | None:
    is_so = any(state.code not in STARTABLE and not state.runs for state in told.states)
    return _unless(is_so, f"it was {', '.join(state.code for state in told.states)}")


def _dry_run(told: _Told) -> str | None:
    asked = told.asked
    if asked is None or not asked.dry_run:
        return "it was not a dry run"
    can_be = any(
        state.code in asked.start_when and (asked.force or state.hold is None)
        for state in told.states
        if state.code in STARTABLE
    )
    return _unless(can_be, "it would not have been started")


def _already_started(told: _Told) -> str | None:
    """The job was already started in this episode."""
    if told.asked is not None and told.asked.force:
        return "force does not ask that"
    started = {(start.code_before, start.series_began) for start in told.starts}
    now = {(state.code, state.series_began) for state in told.states}
    return _unless(bool(started & now), f"it was not started in this episode: {now}, but {started or 'never'}")


def _held(told: _Told) -> str | None:
    if told.asked is not None and told.asked.force:
        return "force overrides that"
    holds = {state.hold for state in told.states}
    return _unless(told.data["reason"] in holds, f"its hold was {holds}")


def _relapsing(told: _Told) -> str | None:
    return _unless(len(told.starts) >= START_LIMIT, f"it was started {len(told.starts)} times")


def _not_found(told: _Told) -> str | None:
    asked = told.asked
    is_there = asked is not None and asked.principal in told.record.principals
    return _unless(not is_there, "the tenant has the application, and never lost a job")


def _not_allowed(told: _Told) -> str | None:
    allowed = told.record.allowed
    asked = told.asked
    return _unless(
        allowed is not None and asked is not None and asked.principal not in allowed, "its application is allowed"
    )


def _gave_up(told: _Told) -> str | None:
    waited = told.data.get("waited")
    if waited is None or "until" not in waited:  # abandoned by the host
        return None
    lasted = told.ended - moment_of(waited["since"])
    return _unless(lasted >= GIVE_UP_AFTER - A_MOMENT, f"it had waited for {lasted} only")


def _of_no_request(told: _Told) -> str | None:
    return _unless(told.record.asked.known(told.data["requestId"]) is None, "the request was valid")


def _expanded(told: _Told) -> str | None:
    """It says correctly for each job whether it is queued, and repeats what it recorded first."""
    asked = told.asked
    if asked is None or asked.job_id is not None:
        return "the request named a job, or is unknown"
    since = moment_of(told.data["requestedAt"])
    queued = {part["jobId"] for part in told.data.get("queued", ())}
    left = {part["jobId"] for part in told.data.get("left", ())}
    jobs = told.record.jobs_of(asked.principal)
    if queued | left != jobs:
        return f"it names {len(queued | left)} jobs of {len(jobs)}"
    for job_id in jobs:
        states = told.record.truth.shown(job_id, since, told.ended)
        can_be = {_is_asked_for(state, asked) for state in states}
        if (job_id in queued) not in can_be:
            return f"job {job_id} was {', '.join(state.code for state in states)}"
    return None


def _is_asked_for(state: State, asked: Asked) -> bool:
    return state.code in asked.start_when and state.code in STARTABLE and not state.was_never_enabled


_RULES: Final[Mapping[str, Rule]] = {
    "quarantine_cleared": lambda told: _started(told, before="Quarantine", after="Active"),
    "resumed": lambda told: _started(told, before="Paused", after="Active"),
    "first_cycle_running": lambda told: _started(told, before="", after="NotRun"),
    "start_accepted": _start_accepted,
    "already_active": _already_active,
    "state_not_requested": _state_not_requested,
    "not_startable": _not_startable,
    "nothing_to_start": _expanded,
    "jobs_queued": _expanded,
    "dry_run": _dry_run,
    "already_started": _already_started,
    **dict.fromkeys(HOLDS, _held),
    "relapsing": _relapsing,
    "not_found": _not_found,
    "not_allowed": _not_allowed,
    "gave_up": _gave_up,
    "invalid_request": _of_no_request,
    "unreadable_message": _of_no_request,
}


def repeated_endings(record: Record) -> Iterator[str]:
    """In a calm run, a request that was sent once has one terminal event."""
    if not record.is_calm:
        return
    ends: dict[str, set[str]] = {}
    for event in _endings(record.events):
        ends.setdefault(event["data"]["requestId"], set()).add(event["id"])
    for request_id, ids in ends.items():
        asked = record.asked.known(request_id)
        if len(ids) > 1 and asked is not None and asked.times == 1:
            yield f"Request {request_id} came once, and has {len(ids)} terminal events: {', '.join(sorted(ids))}."


def _endings(events: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    others = ("recovered", "relapsed", "unconfirmed", "delayed")
    return (event for event in events if event["data"]["outcome"] not in others)
