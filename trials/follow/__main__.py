"""`python -m trials.follow`: a run of the recovery timer over thousands of started jobs."""

import argparse
import logging
import sys

from local.arguments import number
from local.parts.processes import ProcessFailed
from local.parts.until_told import end_when_told
from trials.follow.run import Size, run, verdicts


def main() -> int:
    """Run. Returns 1 if a fate was not reported, or the run took too long."""
    given = _parser().parse_args()
    end_when_told()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        result = run(Size(jobs=given.jobs, latency_seconds=given.latency, within_seconds=given.within))
    except KeyboardInterrupt:
        return 130
    except (ProcessFailed, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    held = True
    for is_good, sentence in verdicts(result):
        sys.stdout.write(f"{'ok  ' if is_good else 'FAIL'}  {sentence}\n")
        held = held and is_good
    return 0 if held else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trials.follow", description=__doc__)
    parser.add_argument("--jobs", type=number(int, 1), default=3_000, metavar="J", help="default: %(default)s")
    parser.add_argument(
        "--latency", type=number(float, 0), default=0.05, metavar="S", help="seconds per call of Graph (%(default)s)"
    )
    parser.add_argument(
        "--within", type=number(float, 1), default=100.0, metavar="S", help="longest run in seconds (%(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
