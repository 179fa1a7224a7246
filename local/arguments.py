"""Options that more than one command takes."""

import argparse
from collections.abc import Callable


def add_host_json_overrides(parser: argparse.ArgumentParser) -> None:
    """Add options that replace values of host.json, to try others quickly."""
    group = parser.add_argument_group("instead of the values in host.json")
    group.add_argument(
        "--lease",
        type=number(int, 1),
        default=600,
        metavar="S",
        help="seconds a message is leased, and hidden if its host dies (600, which is fixed in Azure)",
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
    """The type of an option that is a number of at least `least`."""

    def check(text: str) -> T:
        value = kind(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    # argparse puts this name into the message for a value that is not a number.
    check.__name__ = kind.__name__
    return check
