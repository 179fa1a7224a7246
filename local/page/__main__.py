"""`python -m local.page`: serves the page for the system that the variable LOCAL_SYSTEM describes in JSON."""

import asyncio
import json
import os
import secrets
import sys
from contextlib import ExitStack
from typing import Any

from aiohttp import web

from local.client.app_client import AppClient
from local.client.simulation import Simulation
from local.client.told import ToldClient
from local.lifeline import stop_with_parent
from local.page.actions import Actions
from local.page.observer import Clients, Memory, Observer
from local.page.server import Server

VARIABLE = "LOCAL_SYSTEM"


def main() -> None:
    """Print one line of JSON when the page can be opened, then serve."""
    asyncio.run(_serve(json.loads(os.environ[VARIABLE])))


async def _serve(system: dict[str, Any]) -> None:
    stop = asyncio.Event()
    stop_with_parent(stop)
    with ExitStack() as ends:
        app = ends.enter_context(
            AppClient(
                system["storage"],
                functions=system["functions"],
                function_key=system["functionKey"],
                settings=system["settings"],
            )
        )
        simulation = ends.enter_context(Simulation(system["graph"]))
        told = ends.enter_context(ToldClient(system["targets"])) if system["targets"] else None
        clients, memory = Clients(app, simulation, told), Memory()
        observer = Observer(clients, memory)
        actions = Actions(clients, observer, memory, system["settings"])
        if not observer.jobs():
            actions.set_up()
        server = Server(observer, actions, secrets.token_urlsafe(32), tells=told is not None)
        runner = web.AppRunner(server.application(), access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", system["port"]).start()
        sys.stdout.write(json.dumps({"page": f"http://127.0.0.1:{runner.addresses[0][1]}/"}) + "\n")
        sys.stdout.flush()
        await stop.wait()
        await runner.cleanup()


if __name__ == "__main__":
    main()
