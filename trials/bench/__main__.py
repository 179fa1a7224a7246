"""`python -m trials.bench`: runs the benchmarks and shows their results."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Final

from rich.console import Console

from trials.bench import accept_to_start, cold_start, extras, one_start, throughput
from trials.bench.machine import machine
from trials.bench.options import Options
from trials.bench.report import Report
from trials.bench.terminal import table

_BENCHMARKS: Final[Mapping[str, Callable[[Options], Report]]] = {
    module.NAME: module.measure for module in (cold_start, one_start, throughput, accept_to_start, extras)
}


def main() -> None:
    """Run the named benchmarks, by default all. A missed limit is only shown, because machines differ."""
    given = _parser().parse_args()
    with Console(stderr=True).status("") as status:
        options = Options(quick=given.quick, say=status.update)
        reports = [_BENCHMARKS[name](options) for name in given.names or _BENCHMARKS]
    if given.json:
        found = {"machine": machine(), "reports": [report.to_json() for report in reports]}
        sys.stdout.write(json.dumps(found, indent=2) + "\n")
    else:
        Console().print(machine(), table(reports), sep="\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trials.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *_BENCHMARKS], metavar="name", help="default: all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: two minutes, wider spreads")
    parser.add_argument("--json", action="store_true", help="write JSON, with how each figure was measured")
    return parser


if __name__ == "__main__":
    main()
