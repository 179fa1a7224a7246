"""The bare script: three calls of Graph on one session with a cached token, and no more than a look at the answers.

It is the function in apps/bare, called without the Functions worker.
"""

from local.bench.apps.bare.function_app import start
from local.bench.contestants.loop import serve


def prepare(service_principal_id: str, job_id: str) -> tuple[str, str]:
    """The ids as they are."""
    return service_principal_id, job_id


if __name__ == "__main__":
    serve(prepare, lambda job: start(*job))
