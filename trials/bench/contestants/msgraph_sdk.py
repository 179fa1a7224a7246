"""Microsoft's Graph SDK: the function in apps/msgraph, called as the Functions worker calls it, on one event loop."""

import asyncio

from trials.bench.apps.msgraph.function_app import credential, start
from trials.bench.contestants.loop import ids, serve

if __name__ == "__main__":
    with asyncio.Runner() as runner:
        serve(ids, lambda job: runner.run(start(*job)))
        runner.run(credential.close())
