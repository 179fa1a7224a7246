"""Options that more than one command takes."""

import argparse
from collections.abc import Callable


def add_host_json_overrides(parser: argparse.ArgumentParser) -> None:
    """What may stand in place of host.json's values, for a quick try."""
    group = parser.add_argument_group("in place of what host.json says")
    group.add_argument(
        "--lease",
        type=number(int, 1),
        default=600,
        metavar="S",
        help="seconds a message is leased, and hidden after a host died (600: in Azure nothing changes it)",
    )
    group.add_argument(
        "--visibility", type=number(float, 0), metavar="S", help="visibilityTimeout in seconds (this app's: 45)"
    )
    group.add_argument(
        "--max-poll", type=number(float, 0.1), metavar="S", help="maxPollingInterval in seconds (this app's: 2)"
    )
    group.add_argument("--max-dequeue", type=number(int, 1), metavar="N", help="maxDequeueCount (this app's: 8)")
    group.add_argument("--threads", type=number(int, 1), metavar="N", help="PYTHON_THREADPOOL_THREAD_COUNT")


def number[T: (int, float)](kind: Callable[[str], T], least: T) -> Callable[[str], T]:
    """The type of an option whose value is a number, and not too small."""

    def check(text: str) -> T:
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    # What argparse calls a value that is none.
    check.__name__ = kind.__name__
    return check
