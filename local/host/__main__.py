"""`python -m local.host`: serves the app in a directory until it is stopped."""

import argparse
import asyncio
import json
import logging
import os
import secrets
import sys
from datetime import timedelta
from pathlib import Path
from typing import TextIO

from local.arguments import add_host_json_overrides
from local.host import log
from local.host.errors import AppFault, StartFault
from local.host.host import Host, Options
from local.lifeline import stop_with_parent


def main() -> int:
    """Run the host. Returns 1 if the app or its settings do not let it start."""
    options = _options()
    log.configure()
    ready = sys.stdout
    # stdout holds one line, for the program that started the host. What the app prints goes to the log.
    sys.stdout = sys.stderr
    try:
        asyncio.run(_serve(options, ready))
    except StartFault as fault:
        if isinstance(fault, AppFault) and fault.stack:
            logging.getLogger(__name__).error("the app cannot be indexed: %s", fault.stack)  # noqa: TRY400 - the app's stack
        sys.stderr.write(f"{fault}\n")
        return 1
    return 0


async def _serve(options: Options, ready: TextIO) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    host = await Host.load(options)
    url = await host.start()
    line = {"functions": url, "functionKey": options.function_key, "functionNames": host.function_names}
    ready.write(json.dumps(line) + "\n")
    ready.flush()
    await stop.wait()
    await host.stop()


def _options() -> Options:
    parser = argparse.ArgumentParser(prog="python -m local.host", description=__doc__)
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR", help="the app (default: this directory)")
    parser.add_argument("--port", type=int, default=0, help="port on loopback (default: a free one)")
    parser.add_argument("--function-key", default=secrets.token_urlsafe(32), metavar="KEY", help="default: random")
    parser.add_argument(
        "--past-runs",
        type=Path,
        metavar="FILE",
        help="keeps due times of timers, to run at the start what was missed",
    )
    add_host_json_overrides(parser)
    given = parser.parse_args()
    if given.threads is not None:
        os.environ["PYTHON_THREADPOOL_THREAD_COUNT"] = str(given.threads)
    return Options(
        app_directory=given.app.resolve(),
        port=given.port,
        function_key=given.function_key,
        lease_seconds=given.lease,
        visibility_timeout=None if given.visibility is None else timedelta(seconds=given.visibility),
        max_polling_interval=None if given.max_poll is None else timedelta(seconds=given.max_poll),
        max_dequeue_count=given.max_dequeue,
        past_runs=given.past_runs,
    )


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stderr.flush()
    # Not sys.exit, which would wait for every thread that still runs a function of the app.
    os._exit(code)
