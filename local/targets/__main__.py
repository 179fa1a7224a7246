"""`python -m local.targets`: serves the stand-ins until it is stopped."""

import argparse
import asyncio
import json
import sys

from local.lifeline import stop_with_parent
from local.targets.server import Targets


def main() -> None:
    """Print one line of JSON when every server listens, then serve."""
    parser = argparse.ArgumentParser(prog="python -m local.targets", description=__doc__)
    parser.add_argument(
        "--ports", type=json.loads, default={}, metavar="JSON", help="JSON, target to port; default: free ones"
    )
    asyncio.run(_serve(parser.parse_args().ports))


async def _serve(ports: dict[str, int]) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    targets = Targets()
    sys.stdout.write(json.dumps(await targets.start(ports)) + "\n")
    sys.stdout.flush()
    await stop.wait()
    await targets.stop()


if __name__ == "__main__":
    main()
