"""`python -m trials.chaos`: runs with random faults, each from a seed, and checks what the app promises."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from local.arguments import number
from local.parts.host_part import other_host
from local.parts.processes import ProcessFailed
from local.parts.until_told import end_when_told
from trials.chaos import checks
from trials.chaos.drive import drive
from trials.chaos.limits import START_LIMIT
from trials.chaos.mutations import Mutation, PatternGone, mutations
from trials.chaos.plan import Plan, draw_plan

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trials.chaos.record import Record

_SEEDS_BELOW = 1_000_000

# A run without a guard shows the fault soon or never, so that the wait at its end is short.
_IMPATIENCE_SECONDS = 8.0


def main() -> int:
    """Run. Returns 1 if a check found something it should not, or missed something that it should find."""
    given = _parser().parse_args()
    end_when_told()
    try:
        if given.mutations:
            results = [*_try_mutations(mutations())]
        else:
            first = given.seed if given.seed is not None else secrets.randbelow(_SEEDS_BELOW)
            seeds = range(first, first + given.seeds)
            results = [_try_seed(seed, given.jobs, given.requests, given.outage) for seed in seeds]
    except KeyboardInterrupt:
        return 130
    except (ProcessFailed, PatternGone) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    _say(f"{sum(results)} of {len(results)} passed.")
    return 0 if all(results) else 1


def _try_seed(seed: int, jobs: int, requests: int, outage: float) -> bool:
    """Play one seed, and print the findings. True if there are none."""
    plan = draw_plan(seed, jobs=jobs, requests=requests, outage=outage)
    _say(f"Seed {seed}: {requests} requests for {jobs} jobs, {len(plan.faults)} faults ... ", end="")
    return _has_passed(
        plan, f"python -m trials.chaos --seed {seed} --requests {requests} --jobs {jobs} --outage {outage:g}"
    )


def _try_mutations(all_of_them: Iterable[Mutation]) -> Iterator[bool]:
    """Play each run with its guards, which must find nothing, and without each guard, which must find its absence."""
    passed: dict[int, bool] = {}
    for mutation in all_of_them:
        key = id(mutation.plan)
        if key not in passed:
            _say(f"With {mutation.guard} ... ", end="")
            passed[key] = _has_passed(mutation.plan, "python -m trials.chaos --mutations")
        yield passed[key] and _is_found(mutation)


def _is_found(mutation: Mutation) -> bool:
    _say(f"Without {mutation.guard} ... ", end="")
    with tempfile.TemporaryDirectory(prefix="chaos-app-") as app, tempfile.TemporaryDirectory() as logs:
        mutation.copy_app_to(Path(app))
        found = _found(drive(mutation.plan, logs=Path(logs), app=Path(app), patience=_IMPATIENCE_SECONDS))
    shown = next((sentence for sentence in found if mutation.finding in sentence), None)
    if shown is None:
        _say(f"NOT FOUND, though it was taken out of {mutation.file}. Found instead: {found}")
        return False
    _say(f"found, as expected: {shown}")
    return True


def _has_passed(plan: Plan, again: str) -> bool:
    """Play a plan, and print the findings and how to play it again. True if there are none."""
    logs = Path(tempfile.mkdtemp(prefix="chaos-logs-"))
    began = monotonic()
    record = drive(plan, logs=logs)
    found = _found(record)
    if not found:
        shutil.rmtree(logs)
        _say(f"ok in {monotonic() - began:.0f} s: {_summary(record)}")
        return True
    _say(f"FOUND {len(found)}: {_summary(record)}")
    for sentence in found:
        _say(f"  {sentence}")
    _say(f"  Logs: {logs}. Again: {again}")
    return False


def _found(record: Record) -> list[str]:
    return [*checks.missing(record), *checks.broken(record, start_limit=START_LIMIT)]


def _summary(record: Record) -> str:
    taken = {request_id for sent in record.sent for request_id in sent.request_ids}
    started = sum(start.took_effect for start in record.starts())
    gave_up = sum(event["data"]["reason"] == "gave_up" for event in record.events)
    return (
        f"{len(taken)} requests accepted, {len(record.events)} events, {len(record.calls)} calls to Graph, "
        f"{started} starts, {gave_up} given up, {record.revivals} hosts ended by themselves"
    )


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trials.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, metavar="N", help="the first seed (default: random)")
    parser.add_argument(
        "--seeds", type=number(int, 1), default=1, metavar="K", help="how many seeds in a row (default: %(default)s)"
    )
    parser.add_argument("--requests", type=number(int, 1), default=300, metavar="R", help="default: %(default)s")
    parser.add_argument("--jobs", type=number(int, 1), default=30, metavar="J", help="default: %(default)s")
    parser.add_argument(
        "--outage",
        type=number(float, 0),
        default=0 if other_host() is None else 60,
        metavar="S",
        help="seconds that storage is away in the middle (default here: %(default)s; 60 where QUEUE_HOST is set)",
    )
    parser.add_argument("--mutations", action="store_true", help="instead, take each guard out of a copy of the app")
    return parser


if __name__ == "__main__":
    sys.exit(main())
