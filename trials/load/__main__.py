"""`python -m trials.load`: thousands of requests through the whole local system, and what they cost."""

import argparse
import sys

from local.arguments import number
from local.parts.processes import ProcessFailed
from local.parts.until_told import end_when_told
from trials.load.report import HEADING, row, summary, verdicts
from trials.load.run import PARTS, Part, Size, run


def main() -> int:
    """Run. Returns 1 if requests were lost, or if memory or cost have grown."""
    given = _parser().parse_args()
    end_when_told()
    size = Size(
        requests=given.requests,
        jobs=given.requests if given.limit else given.jobs,
        in_flight=given.in_flight,
        writes=given.limit,
        window_seconds=given.window,
    )
    _say(f"{size.requests} requests for {size.jobs} jobs, half over HTTP, half by queue, {size.in_flight} at a time.")
    _say(HEADING)
    numbers = iter(range(1, PARTS + 1))

    def told(part: Part) -> None:
        _say(row(next(numbers), part))

    try:
        result = run(size, told)
    except KeyboardInterrupt:
        return 130
    except (ProcessFailed, OSError) as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    for sentence in summary(result):
        _say(sentence)
    held = True
    for is_good, sentence in verdicts(result, size):
        _say(f"{'ok  ' if is_good else 'FAIL'}  {sentence}")
        held = held and is_good
    return 0 if held else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trials.load", description=__doc__)
    parser.add_argument("--requests", type=number(int, PARTS), default=10_000, metavar="R", help="default: %(default)s")
    parser.add_argument("--jobs", type=number(int, PARTS), default=1_000, metavar="J", help="default: %(default)s")
    parser.add_argument(
        "--in-flight", type=number(int, 1), default=100, metavar="N", help="most requests in progress (%(default)s)"
    )
    parser.add_argument(
        "--limit",
        type=number(int, 1),
        metavar="W",
        help="Graph takes W writes per window; each request has its own job",
    )
    parser.add_argument("--window", type=number(float, 1), default=150.0, metavar="S", help="seconds (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
