#!/usr/bin/env python3
"""Azure Functions Core Tools as the host of the local system: QUEUE_HOST=local/core_tools.py, with `func` on the PATH.

It takes the options of `python -m local.host`, and prints the same line. It uses only the standard library, because
such a host runs without the repository on its path. `func` requires no key, leases messages for ten minutes whatever
--lease says, and downloads its extension bundle.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

_START_SECONDS: Final = 55.0
_GRACE_SECONDS: Final = 10.0
_QUEUES: Final = "AzureFunctionsJobHost__extensions__queues__"


def main() -> int:
    """Run `func start` until it ends, or until a signal or the end of stdin stops it. Returns its exit code."""
    given = _parser().parse_args()
    # A process group of its own: `func` starts a worker, and both have to be stopped.
    func = subprocess.Popen(
        ["func", "start", "--port", str(given.port)],  # noqa: S607 - the one on the PATH
        cwd=given.app,
        env={**os.environ, **_settings(given)},
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        start_new_session=True,
    )
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    threading.Thread(target=_wait_for_the_end_of_stdin, args=[over], daemon=True).start()
    try:
        root = f"http://127.0.0.1:{given.port}"
        names = _functions(root, func, over)
        if names is not None:
            line = {"functions": root, "functionKey": given.function_key, "functionNames": names}
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        while func.poll() is None and not over.wait(0.2):
            pass
    finally:
        _end(func)
    return 0 if over.is_set() else func.returncode or 1


def _settings(given: argparse.Namespace) -> Mapping[str, str]:
    """The options as environment variables that `func` and the host read."""
    spans = {"visibilityTimeout": given.visibility, "maxPollingInterval": given.max_poll}
    settings = {_QUEUES + name: _time_span(seconds) for name, seconds in spans.items() if seconds is not None}
    if given.max_dequeue is not None:
        settings[f"{_QUEUES}maxDequeueCount"] = str(given.max_dequeue)
    if given.threads is not None:
        settings["PYTHON_THREADPOOL_THREAD_COUNT"] = str(given.threads)
    # Core Tools use the Python of the active virtual environment.
    bin_directory = Path(given.python).absolute().parent
    return settings | {
        "PATH": f"{bin_directory}{os.pathsep}{os.environ.get('PATH', '')}",
        "VIRTUAL_ENV": str(bin_directory.parent),
        "FUNCTIONS_CORE_TOOLS_TELEMETRY_OPTOUT": "1",
    }


def _time_span(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02}:{minutes:02}:{rest:010.7f}"


def _functions(root: str, func: subprocess.Popen[bytes], over: threading.Event) -> list[str] | None:
    """The names of the functions, once they are served. None if `func` ends first, or is not ready in time."""
    deadline = monotonic() + _START_SECONDS
    while func.poll() is None and not over.is_set() and monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{root}/admin/functions", timeout=5) as answer:  # noqa: S310 - loopback
                if functions := json.load(answer):
                    return [function["name"] for function in functions]
        except OSError:
            # The host is not listening yet, or not ready to answer.
            pass
        sleep(0.2)
    return None


def _wait_for_the_end_of_stdin(over: threading.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    over.set()


def _end(func: subprocess.Popen[bytes]) -> None:
    if func.poll() is None:
        os.killpg(func.pid, signal.SIGTERM)
        try:
            func.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(func.pid, signal.SIGKILL)
            func.wait()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR")
    parser.add_argument("--port", type=int, default=7071)
    parser.add_argument("--function-key", default="", metavar="KEY", help="printed in the line; func requires no key")
    parser.add_argument("--python", default=sys.executable, metavar="PATH")
    parser.add_argument("--lease", type=int, metavar="S", help="has no effect: func leases for 600 s")
    parser.add_argument("--visibility", type=float, metavar="S")
    parser.add_argument("--max-poll", type=float, metavar="S")
    parser.add_argument("--max-dequeue", type=int, metavar="N")
    parser.add_argument("--threads", type=int, metavar="N")
    return parser


if __name__ == "__main__":
    sys.exit(main())
