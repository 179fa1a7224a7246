"""`python -m trials.bench`: runs the benchmarks and shows what they found."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import Final

from rich.console import Console

from trials.bench import accept_to_start, cold_start, one_start, terminal, throughput
from trials.bench.machine import machine
from trials.bench.markdown import markdown
from trials.bench.options import Options
from trials.bench.places import MSGRAPH_PYTHON
from trials.bench.report import Report

_BENCHMARKS: Final[Mapping[str, Callable[[Options], Report]]] = {
    module.NAME: module.measure for module in (cold_start, one_start, throughput, accept_to_start)
}


def main() -> int:
    """Run those that were asked for, all by default. A target that is missed is shown, not failed: machines differ."""
    given = _parser().parse_args()
    if not MSGRAPH_PYTHON.exists():
        sys.stderr.write("msgraph-sdk is not installed to compare with: run this as `make bench`.\n")
        return 1
    console = Console(stderr=True)
    with console.status("") as status:
        options = Options(quick=given.quick, say=status.update)
        reports = [_BENCHMARKS[name](options) for name in given.names or _BENCHMARKS]
    _write(reports, given)
    return 0


def _write(reports: list[Report], given: argparse.Namespace) -> None:
    if given.json:
        json.dump({"machine": machine(), "reports": [report.to_json() for report in reports]}, sys.stdout, indent=2)
        sys.stdout.write("\n")
    elif given.markdown:
        sys.stdout.write("\n".join(f"- {name}: {value}" for name, value in machine().items()) + "\n\n")
        sys.stdout.write("\n".join(line for report in reports for line in markdown(report)))
    else:
        console = Console()
        console.print(machine())
        for report in reports:
            terminal.show(console, report)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m trials.bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[[], *_BENCHMARKS], metavar="name", help="default: all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: two minutes, wider spreads")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="write JSON")
    form.add_argument("--markdown", action="store_true", help="write Markdown")
    return parser


if __name__ == "__main__":
    sys.exit(main())
