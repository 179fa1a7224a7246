"""`python -m local.cloud`: serves the simulated cloud until it is told to stop."""

import argparse
import asyncio
import json
import secrets
import sys

from local.cloud.cloud import Cloud
from local.lifeline import stop_with_parent


def main() -> None:
    """Print one line of JSON when both servers listen, and serve."""
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    parser.add_argument("--graph-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--identity-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--identity-header", default=secrets.token_urlsafe(32), metavar="VALUE", help="default: random")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    cloud = Cloud(given.identity_header)
    graph, identity = await cloud.start(graph_port=given.graph_port, identity_port=given.identity_port)
    line = {"graph": graph, "identity": identity, "identityHeader": given.identity_header}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await cloud.stop()


if __name__ == "__main__":
    main()
