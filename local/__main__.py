"""`python -m local`: the whole system on one machine, to try the app (`serve`) or to see it work (`demo`)."""

import argparse
import sys

from local.arguments import add_host_json_overrides
from local.demo.show import show
from local.processes import ProcessFailed
from local.serve import serve
from local.system import Options
from local.until_told import end_when_told


def main() -> int:
    """Run the command. 1 where it fails; what Ctrl-C gives depends on the command."""
    given = _parser().parse_args()
    end_when_told()
    try:
        code: int = given.run(given)
    except KeyboardInterrupt:
        code = given.interrupted
    except ProcessFailed as fault:
        sys.stderr.write(f"{fault}\n")
        code = 1
    return code


def _demo(given: argparse.Namespace) -> int:
    return 0 if show(as_json=given.json) else 1


def _serve(given: argparse.Namespace) -> int:
    serve(
        Options(
            lease=given.lease,
            visibility=given.visibility,
            max_poll=given.max_poll,
            max_dequeue=given.max_dequeue,
            threads=given.threads,
            hosts=0 if given.no_host else 1,
            host_log=True,
        )
    )
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="bring everything up, send requests, show every status event")
    demo.add_argument("--json", action="store_true", help="print one status event a line instead")
    demo.set_defaults(run=_demo, interrupted=130)

    keep = commands.add_parser("serve", help="keep everything up until Ctrl-C; prints one line of JSON when ready")
    keep.add_argument("--no-host", action="store_true", help="all but the Functions host: prints the app's settings")
    add_host_json_overrides(keep)
    keep.set_defaults(run=_serve, interrupted=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
