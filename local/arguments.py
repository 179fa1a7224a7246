"""Options that more than one command takes."""

import argparse
from collections.abc import Callable


def add_host_json_overrides(parser: argparse.ArgumentParser) -> None:
    """What may stand in place of host.json's values, for a quick try."""
    group = parser.add_argument_group("in place of what host.json says")
    group.add_argument("--lease", type=_number(int, 1), default=600, metavar="S", help="seconds a message is leased")
    group.add_argument("--visibility", type=_number(float, 0), metavar="S", help="visibilityTimeout in seconds")
    group.add_argument("--max-poll", type=_number(float, 0.1), metavar="S", help="maxPollingInterval in seconds")
    group.add_argument("--max-dequeue", type=_number(int, 1), metavar="N", help="maxDequeueCount")
    group.add_argument("--threads", type=_number(int, 1), metavar="N", help="PYTHON_THREADPOOL_THREAD_COUNT")


def _number[T: (int, float)](kind: Callable[[str], T], least: T) -> Callable[[str], T]:
    def check(text: str) -> T:
        number = kind(text)
        if number < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return number

    # What argparse calls a value that is none.
    check.__name__ = kind.__name__
    return check
