"""Checks that each start was justified, by what was requested and the job's state at that time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trials.chaos.asked import Asked
    from trials.chaos.record import Record, StartCall
    from trials.chaos.truth import State


def wrong_starts(record: Record) -> Iterator[str]:
    """Starts that no request justifies, with the reason."""
    told = {
        call["clientRequestId"]: event["data"]
        for event in record.events
        for call in event["data"].get("graph", ())
        if call["operation"] == "start"
    }
    for start in record.starts():
        states = record.truth.shown(start.job_id, start.done_at, start.done_at)
        data = told.get(start.client_request_id)
        asked = record.asked.of(data) if data is not None else [*record.asked.for_job(start.job_id)]
        faults = [_fault(record, start, each, states) for each in asked]
        if not asked:
            yield f"{start.job} was started, and no request asked for it, {start.when}."
        elif all(faults):
            yield f"{start.job} was started, but {faults[0]}, {start.when}."


def _fault(record: Record, start: StartCall, asked: Asked, states: Sequence[State]) -> str | None:
    """Why the request does not justify the start, or None."""
    if record.allowed is not None and not (
        asked.principal in record.allowed or start.principal.lower() in record.allowed
    ):
        return "its application is not on the list of those that are allowed"
    if asked.dry_run:
        return "the request was a dry run"
    if start.ran_before:
        return None  # the check of running jobs decides: a lost answer and a stale read may excuse it
    if start.code_before not in ("Quarantine", "Paused"):
        return f"a job that is {start.code_before} must not be"
    if start.code_before not in asked.start_when:
        return f"it was {start.code_before}, and only {' or '.join(sorted(asked.start_when))} was asked for"
    holds = {state.hold for state in states if state.code == start.code_before}
    if not asked.force and holds and None not in holds:
        return f"it was held: {', '.join(filter(None, holds))}"
    return None
