"""One run: parts of equal work, one after another, and what the processes used for each."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, replace
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from local.client import jobs
from local.client.app_client import AppClient
from local.parts.system import LocalSystem, Options
from trials.load.traffic import Traffic
from trials.load.usage import usage_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trials.load.traffic import Request

PARTS: Final = 10
"""The parts of a run without a write limit. Memory and cost are compared from the first to the last."""
SENDERS: Final = 4

# Started jobs are not followed up, because that would happen in some parts only.
_SETTINGS: Final = {"RECOVERY_SCHEDULE": "0 0 0 1 1 *", "GIVE_UP_AFTER": "24"}
_LONGEST_SILENCE_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.01
_THROTTLED: Final = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much work there is."""

    requests: int
    jobs: int
    in_flight: int
    """The most requests in progress."""
    writes: int | None = None
    """How many writes Graph takes within `window_seconds`, or None for any number."""
    window_seconds: float = 150.0

    @property
    def parts(self) -> int:
        """One if Graph limits writes, because an outage has its requests together, and each part would add its own
        tail.
        """
        return PARTS if self.writes is None else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the requests."""

    requests: int
    lost: int
    """Requests without an event."""
    started: int
    seconds: float
    latencies: tuple[float, ...]
    """Seconds from each request's acceptance to its event, sorted."""
    cpu_seconds: float
    """CPU time of the host."""
    memory: int
    """Of the host at the end of the part, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The whole run."""

    parts: tuple[Part, ...]
    peak_memory: int
    """Of the host, in bytes."""
    calls: int
    refused: int
    """How many calls to Graph there were, and how many of them it throttled."""
    seconds: float
    started: int
    """How many requests ended with the outcome started."""
    busy: dict[str, float]
    """How many cores each process used on average."""


def run(size: Size, told: Callable[[Part], None]) -> Result:
    """Warm up, then work off the parts, and call `told` with each. Raises ProcessFailed and OSError."""
    with LocalSystem(Options(settings=_SETTINGS)) as system, ExitStack() as ends:
        clients = [ends.enter_context(_client(system)) for _ in range(SENDERS)]
        host = system.hosts[0].pid or 0
        processes = {"host": host, "storage": system.azurite.pid or 0, "simulated cloud": system.cloud.pid or 0}
        _work_off(system, clients, host, _warm_up(size))
        system.simulation.clear_calls()
        if size.writes is not None:
            system.simulation.set_write_limit(size.writes, size.window_seconds, retry_after="remaining")
        before = {name: usage_of(pid).cpu_seconds for name, pid in processes.items()}
        began = monotonic()
        parts: list[Part] = []
        for _ in range(size.parts):
            parts.append(_work_off(system, clients, host, size))
            told(parts[-1])
        seconds = monotonic() - began
        busy = {name: (usage_of(pid).cpu_seconds - before[name]) / seconds for name, pid in processes.items()}
        calls = system.simulation.calls()
        return Result(
            parts=tuple(parts),
            peak_memory=usage_of(host).peak_memory,
            calls=len(calls),
            refused=sum(call["status"] == _THROTTLED for call in calls),
            seconds=seconds,
            started=sum(part.started for part in parts),
            busy=busy,
        )


def _warm_up(size: Size) -> Size:
    """A tenth of the work, as one part."""
    parts = PARTS // size.parts
    return replace(size, requests=size.requests // parts, jobs=size.jobs // parts)


def _client(system: LocalSystem) -> AppClient:
    return AppClient(
        system.storage,
        functions=system.functions,
        function_key=system.function_key,
        settings=system.settings,
    )


def _work_off(system: LocalSystem, clients: Sequence[AppClient], host: int, size: Size) -> Part:
    """Request new jobs, each several times, and wait for all events."""
    requests = list(_requests(system, size))
    before, began = usage_of(host), monotonic()
    traffic = Traffic(requests, size.in_flight)
    with ThreadPoolExecutor(max_workers=len(clients)) as threads:
        senders = [threads.submit(traffic.send, client) for client in clients]
        try:
            _receive(system, traffic, _LONGEST_SILENCE_SECONDS + (size.window_seconds if size.writes else 0.0))
        finally:
            traffic.give_up()
        for sender in senders:
            sender.result()
    seconds, after = monotonic() - began, usage_of(host)
    return Part(
        requests=len(requests),
        lost=traffic.open,
        started=traffic.started,
        seconds=seconds,
        latencies=traffic.latencies(),
        cpu_seconds=after.cpu_seconds - before.cpu_seconds,
        memory=after.memory,
    )


def _requests(system: LocalSystem, size: Size) -> Iterator[Request]:
    """The requests of one part, for jobs that are set up now."""
    principal = str(uuid.uuid4())
    job_ids = [f"scim.{uuid.uuid4().hex}.{uuid.uuid4().hex}" for _ in range(size.jobs // size.parts)]
    for job_id in job_ids:
        system.simulation.put_job(principal, jobs.quarantined(job_id))
    for number in range(size.requests // size.parts):
        job_id = job_ids[number % len(job_ids)]
        yield {"requestId": str(uuid.uuid4()), "servicePrincipalId": principal, "jobId": job_id}


def _receive(system: LocalSystem, traffic: Traffic, longest_silence: float) -> None:
    """Read events until none is missing, or none arrived for `longest_silence` seconds."""
    last = monotonic()
    while traffic.open:
        events = system.app.events.read()
        if events:
            last = monotonic()
            ended = [event["data"] for event in events if event["data"]["outcome"] != "delayed"]
            traffic.started += sum(data["outcome"] == "started" for data in ended)
            traffic.arrived([data["requestId"] for data in ended])
        elif monotonic() - last > longest_silence:
            return
        else:
            sleep(_PAUSE_SECONDS)
