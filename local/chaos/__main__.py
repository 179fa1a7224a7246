"""`python -m local.chaos`: runs with faults by chance, each from a seed, and checks what the app promises."""

import argparse
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from time import monotonic

from local.chaos import checks
from local.chaos.drive import START_LIMIT, drive
from local.chaos.plan import draw_plan
from local.chaos.record import Record
from local.processes import ProcessFailed
from local.until_told import end_when_told

_SEEDS_BELOW = 1_000_000


def main() -> int:
    """Run; 1 where anything was found."""
    given = _parser().parse_args()
    end_when_told()
    try:
        first = given.seed if given.seed is not None else secrets.randbelow(_SEEDS_BELOW)
        results = [_run(seed, given.jobs, given.requests) for seed in range(first, first + given.seeds)]
    except KeyboardInterrupt:
        return 130
    except ProcessFailed as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0 if all(results) else 1


def _run(seed: int, jobs: int, requests: int) -> bool:
    """Play one seed, and say what was found. True where nothing was."""
    _say(f"seed {seed}: {requests} requests, {jobs} jobs ... ", end="")
    logs = Path(tempfile.mkdtemp(prefix=f"chaos-{seed}-"))
    began = monotonic()
    record = drive(draw_plan(seed, jobs=jobs, requests=requests), logs=logs)
    found = [*checks.missing(record), *checks.broken(record, start_limit=START_LIMIT)]
    if not found:
        shutil.rmtree(logs)
        _say(f"ok in {monotonic() - began:.0f} s: {_summary(record)}")
        return True
    _say(f"{len(found)} found, {_summary(record)}")
    for sentence in found:
        _say(f"  {sentence}")
    _say(f"  Logs: {logs}. Again: python -m local.chaos --seed {seed} --requests {requests} --jobs {jobs}")
    return False


def _summary(record: Record) -> str:
    taken = {request_id for sent in record.sent for request_id in sent.request_ids}
    started = sum(start.took_effect for start in record.starts())
    gave_up = sum(event["data"]["reason"] == "gave_up" for event in record.events)
    return (
        f"{len(taken)} requests taken, {len(record.events)} events, {len(record.calls)} calls of Graph, "
        f"{started} starts, {gave_up} given up"
    )


def _say(text: str, end: str = "\n") -> None:
    sys.stdout.write(text + end)
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, metavar="N", help="the first seed (default: by chance)")
    parser.add_argument("--seeds", type=int, default=1, metavar="K", help="how many in a row (default: %(default)s)")
    parser.add_argument("--requests", type=int, default=300, metavar="R", help="default: %(default)s")
    parser.add_argument("--jobs", type=int, default=30, metavar="J", help="default: %(default)s")
    return parser


if __name__ == "__main__":
    sys.exit(main())
