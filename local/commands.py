"""The whole system on one machine, to see the app work (`demo`) or to try it (`serve`, `send`)."""

import argparse
import os
import sys
from pathlib import Path

from azure.core.exceptions import AzureError
from requests import RequestException

from local.arguments import add_host_json_overrides, number
from local.client import serving
from local.client.delivery import Delivery
from local.client.send import send
from local.client.serving import NotServing, Serving
from local.demo.show import show
from local.parts.processes import ProcessFailed
from local.parts.serve import serve
from local.parts.system import Options
from local.parts.until_told import end_when_told
from local.shell_settings import shell_settings
from shared.configuration import Configuration
from shared.errors import InvalidSettings
from shared.intake.sources import SOURCES
from shared.settings import SECRET_PREFIX


def main() -> int:
    """Run the command. Returns 1, and prints why, if it fails. What Ctrl-C returns depends on the command."""
    given = _parser().parse_args()
    try:
        code: int = given.run(given)
        sys.stdout.flush()
    except KeyboardInterrupt:
        code = given.interrupted
    except BrokenPipeError:
        # The reader of the output has closed it. Python must not try to write the rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 1
    except (ProcessFailed, NotServing, InvalidSettings) as fault:
        sys.stderr.write(f"{fault}\n")
        code = 1
    except (AzureError, RequestException) as fault:
        sys.stderr.write(f"The local system no longer answers: {type(fault).__name__}. Was it stopped?\n")
        code = 1
    except OSError as fault:
        sys.stderr.write(f"{fault.filename or 'The system'}: {fault.strerror}\n")
        code = 1
    return code


def _demo(given: argparse.Namespace) -> int:
    end_when_told()
    return 0 if show(as_json=given.json) else 1


def _serve(given: argparse.Namespace) -> int:
    end_when_told()
    serve(
        Options(
            port=given.port,
            lease=given.lease,
            visibility=given.visibility,
            max_poll=given.max_poll,
            max_dequeue=given.max_dequeue,
            threads=given.threads,
            hosts=0 if given.no_host else 1,
            targets=given.targets,
            page=given.page,
            shell_settings=shell_settings(os.environ),
            host_log=True,
        ),
        as_json=given.json or not sys.stdout.isatty(),
    )
    return 0


def _send(given: argparse.Namespace) -> int:
    source = SOURCES[given.source]
    # Validated as the app does. If a secret is being rotated, its first value signs.
    secrets = {name: value for name, value in os.environ.items() if name.startswith(SECRET_PREFIX)}
    if faults := Configuration.read(secrets).faults:
        raise InvalidSettings(faults)
    secret = secrets.get(source.secret_setting, "").partition(",")[0].strip() or None
    delivery = Delivery(source, given.body, secret)
    return 0 if send(delivery, Serving.find(given.system), silence=given.timeout) else 1


def _content(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as fault:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {fault.strerror}") from fault


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    demo = commands.add_parser("demo", help="bring everything up, send requests, show every status event")
    demo.add_argument("--json", action="store_true", help="print one status event per line instead")
    demo.set_defaults(run=_demo, interrupted=130)

    keep = commands.add_parser("serve", help="keep everything up until Ctrl-C, and print how to reach it")
    keep.add_argument(
        "--json", action="store_true", help="print it as one line of JSON (default if stdout is not a terminal)"
    )
    keep.add_argument("--port", type=_port, metavar="N", help="the app's port on this machine (default: a free one)")
    what = keep.add_mutually_exclusive_group()
    what.add_argument(
        "--no-host", action="store_true", help="everything except the Functions host; prints the app's settings"
    )
    what.add_argument("--page", action="store_true", help="a page to see it work, with buttons; implies --targets")
    keep.add_argument("--targets", action="store_true", help="stand-ins for chat and ticket systems")
    add_host_json_overrides(keep)
    keep.set_defaults(run=_serve, interrupted=0)

    post = commands.add_parser("send", help="post a payload to what 'serve' keeps up; show the answer and the events")
    post.add_argument("source", metavar="SOURCE", choices=SOURCES, help=", ".join(SOURCES))
    post.add_argument("body", metavar="FILE", type=_content, help="the payload; - is stdin")
    post.add_argument(
        "--system", type=Path, default=serving.FILE, metavar="FILE", help="serve's line (default: this checkout's)"
    )
    post.add_argument(
        "--timeout", type=number(float, 0), default=60, metavar="S", help="seconds to wait for the next event (60)"
    )
    post.set_defaults(run=_send, interrupted=130)
    return parser
