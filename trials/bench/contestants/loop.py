"""The protocol of a contestant: a line of JSON on stdin per round, and one on stdout with what the round took."""

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, process_time


def ids(service_principal_id: str, job_id: str) -> tuple[str, str]:
    """A task that consists of the two ids."""
    return service_principal_id, job_id


def serve[T](prepare: Callable[[str, str], T], work: Callable[[T], object]) -> None:
    """Work off {"threads", "jobs": lists of [servicePrincipalId, jobId]} until stdin ends.

    The time of `prepare` is not counted. One thread means this one.
    """
    for line in sys.stdin:
        order = json.loads(line)
        tasks = [prepare(*job) for job in order["jobs"]]
        cpu, wall = process_time(), perf_counter()
        if order["threads"] == 1:
            for task in tasks:
                work(task)
        else:
            with ThreadPoolExecutor(order["threads"]) as threads:
                list(threads.map(work, tasks))
        took = {"cpuMs": (process_time() - cpu) * 1000, "wallMs": (perf_counter() - wall) * 1000}
        sys.stdout.write(json.dumps(took) + "\n")
        sys.stdout.flush()
