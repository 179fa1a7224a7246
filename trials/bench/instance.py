"""One instance of an app, which works off a queue that was filled before its start."""

from __future__ import annotations

import json
import re
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from local.parts.host_part import HostPart
from trials.bench.jobs import PRINCIPAL, quarantine

if TYPE_CHECKING:
    from pathlib import Path

    from local.parts.system import LocalSystem

_ENDED: Final = re.compile(r"^(\S+) \S+ \S+ \S+ executed result=(\w+)", re.MULTILINE)
_WRITERS: Final = 8
_DEADLINE_SECONDS: Final = 300.0
_FIRST, _LAST = 0.2, 0.9
"""The part of the run that counts, as shares of it. The first messages make connections, and the last leave threads
idle."""


class RunFailed(Exception):
    """The instance did not do what should be measured."""


def rate(system: LocalSystem, app: Path, *, threads: int, messages: int) -> float:
    """Messages per second of a new instance of the app in that directory.

    Each start request is for a job that was never started before, because the ledger would hold others. Raises
    RunFailed.
    """
    job_ids = [f"scim.{uuid.uuid4()}" for _ in range(messages)]
    quarantine(system.simulation, job_ids)
    system.app.start_requests.clear_messages()
    system.app.events.queue.clear_messages()
    with ThreadPoolExecutor(_WRITERS) as writers:
        list(writers.map(system.app.put_message, map(_request, job_ids)))
    host = HostPart(
        app,
        app / "host.log",
        settings=system.settings,
        function_key=system.function_key,
        arguments=["--threads", str(threads)],
    )
    host.start()
    try:
        return _steady(_ends(app / "host.log", messages))
    finally:
        host.stop()


def _request(job_id: str) -> str:
    # With an id, because a message without one passes through the queue twice.
    return json.dumps({"requestId": str(uuid.uuid4()), "servicePrincipalId": PRINCIPAL, "jobId": job_id})


def _ends(log: Path, messages: int) -> list[float]:
    """When each invocation ended, in seconds, in order. Raises RunFailed if one failed or too few ended."""
    deadline = monotonic() + _DEADLINE_SECONDS
    while True:
        ended = _ENDED.findall(log.read_text(encoding="utf-8"))
        if any(result != "succeeded" for _, result in ended):
            raise RunFailed("an invocation failed, so that the measurement is invalid")
        if len(ended) >= messages:
            return sorted(datetime.fromisoformat(moment).timestamp() for moment, _ in ended)
        if monotonic() > deadline:
            raise RunFailed(f"{len(ended)} of {messages} messages were done after {_DEADLINE_SECONDS:g} s")
        sleep(0.2)


def _steady(ends: list[float]) -> float:
    first, last = round(len(ends) * _FIRST), round(len(ends) * _LAST)
    return (last - first) / (ends[last] - ends[first])
