"""How a contestant is told what to do: a line of JSON on stdin a round, and one on stdout with what the round took."""

import json
import sys
from collections.abc import Callable
from time import perf_counter, process_time


def serve[T](prepare: Callable[[str, str], T], work: Callable[[T], object]) -> None:
    """Work off lists of [servicePrincipalId, jobId] until stdin ends. What `prepare` does is not counted."""
    for line in sys.stdin:
        tasks = [prepare(*job) for job in json.loads(line)]
        cpu, wall = process_time(), perf_counter()
        for task in tasks:
            work(task)
        took = {"cpuMs": (process_time() - cpu) * 1000, "wallMs": (perf_counter() - wall) * 1000}
        sys.stdout.write(json.dumps(took) + "\n")
        sys.stdout.flush()
