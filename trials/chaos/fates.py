"""Checks that the fate of each start is true, against the real states of the job from then on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from trials.chaos.limits import GRAPH_TIMEOUT, RECOVERY_DEADLINE
from trials.chaos.truth import A_MOMENT, moment_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from trials.chaos.record import Record
    from trials.chaos.truth import State

FATES: Final = frozenset({"recovered", "relapsed", "unconfirmed"})

_A_READ: Final = timedelta(seconds=GRAPH_TIMEOUT + 1)
"""How long before its event a fate may have been read: the longest that a read takes."""


def untrue_fates(record: Record) -> Iterator[str]:
    """Fates that the job's states contradict, and starts with two fates."""
    first: dict[tuple[str, str], Mapping[str, Any]] = {}
    for event in record.events:
        data = event["data"]
        if data["outcome"] not in FATES:
            continue
        job_id, started = data["job"]["jobId"], data["jobStartedAt"]
        where = f"event {event['id']}, request {data['requestId']}, {event['subject']} started at {started}"
        other = first.setdefault((job_id, started), data)
        if other["reason"] != data["reason"]:
            yield f"One start has two fates, {other['reason']} and {data['reason']}: {where}."
        fault = _fault(record, data)
        if fault is not None:
            yield f"Untrue: {data['outcome']}/{data['reason']}: {fault} ({where})."


def _fault(record: Record, data: Mapping[str, Any]) -> str | None:
    """The states of the job, if they contradict the fate."""
    job_id, recovery = data["job"]["jobId"], data["recovery"]
    started, seen = moment_of(data["jobStartedAt"]), moment_of(recovery["seenAt"])
    states = record.truth.shown(job_id, max(started, seen - _A_READ), seen)
    match data["reason"]:
        case "running_again":
            is_true = any(state.runs and state.succeeded_since(started) for state in states)
        case "running_with_errors":
            is_true = any(state.runs and state.had_entry_errors_since(started) for state in states)
        case "quarantined_again":
            is_true = any(state.is_quarantined_since(started) for state in states) and recovery["quarantine"][
                "seriesBegan"
            ] in {state.series_began for state in states}
        case "no_successful_run":
            is_true = seen - started >= RECOVERY_DEADLINE - A_MOMENT and (
                "error" in recovery or any(_is_open(state, started) for state in states)
            )
        case "started_again":
            later = [start for start in record.starts() if start.job_id == job_id and start.done_at > seen]
            is_true = bool(later) and any(_is_open(state, started) for state in states)
        case _:
            is_true = False
    return None if is_true else f"the job was {', '.join(map(_name, states)) or 'not there'}"


def _is_open(state: State, started: datetime) -> bool:
    """Whether the state says nothing yet about the start."""
    has_run = state.succeeded_since(started) or state.had_entry_errors_since(started)
    return not state.is_quarantined_since(started) and not (state.runs and has_run)


def _name(state: State) -> str:
    series = f" since {state.series_began}" if state.series_began else ""
    return f"{state.code}{series} (from {state.since:%H:%M:%S.%f} on)"
