"""Microsoft's Graph SDK: the function in apps/msgraph, called as the Functions worker calls it, on one event loop."""

import asyncio

from local.bench.apps.msgraph.function_app import credential, start
from local.bench.contestants.loop import serve


def prepare(service_principal_id: str, job_id: str) -> tuple[str, str]:
    """The ids as they are."""
    return service_principal_id, job_id


if __name__ == "__main__":
    with asyncio.Runner() as runner:
        serve(prepare, lambda job: runner.run(start(*job)))
        runner.run(credential.close())
