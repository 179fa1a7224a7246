"""`python -m local.cloud`: serves the simulated cloud until it is stopped."""

import argparse
import asyncio
import json
import secrets
import sys

from local.cloud.cloud import Cloud, Ports
from local.lifeline import stop_with_parent


def main() -> None:
    """Print one line of JSON when every server listens, then serve."""
    parser = argparse.ArgumentParser(prog="python -m local.cloud", description=__doc__)
    parser.add_argument("--graph-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--identity-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--tables-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--queues-port", type=int, default=0, metavar="PORT", help="default: a free one")
    parser.add_argument("--tables-behind", default="http://127.0.0.1:10002", metavar="URL", help="default: %(default)s")
    parser.add_argument("--queues-behind", default="http://127.0.0.1:10001", metavar="URL", help="default: %(default)s")
    parser.add_argument("--identity-header", default=secrets.token_urlsafe(32), metavar="VALUE", help="default: random")
    asyncio.run(_serve(parser.parse_args()))


async def _serve(given: argparse.Namespace) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    cloud = Cloud(given.identity_header, tables_behind=given.tables_behind, queues_behind=given.queues_behind)
    line = await cloud.start(Ports(given.graph_port, given.identity_port, given.tables_port, given.queues_port))
    sys.stdout.write(json.dumps(line | {"identityHeader": given.identity_header}) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await cloud.stop()


if __name__ == "__main__":
    main()
