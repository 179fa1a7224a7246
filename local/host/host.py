"""The host as a whole: loads an app, runs a listener per trigger, and stops them in order."""

import asyncio
import logging
import os
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Self

from local.host.functions import Function, HttpTrigger, QueueTrigger, TimerTrigger, read_functions
from local.host.host_json import HostJson, QueueSettings, read_host_json
from local.host.http import HttpServer
from local.host.invoker import Invoker
from local.host.past_runs import PastRuns
from local.host.queues import QueueListener
from local.host.storage import Storage
from local.host.timers import Timer
from local.host.worker import Worker

_GRACE_SECONDS: Final = 10

_logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """The command line. None means the value in host.json; the lease defaults to the real host's ten minutes."""

    app_directory: Path
    port: int
    function_key: str
    lease_seconds: int = 600
    visibility_timeout: timedelta | None = None
    max_polling_interval: timedelta | None = None
    max_dequeue_count: int | None = None
    past_runs: Path | None = None
    """Where to keep the due times of timers, or None."""

    def apply_to(self, queues: QueueSettings) -> QueueSettings:
        """The queue settings of host.json, with those given on the command line."""
        if self.visibility_timeout is not None:
            queues = replace(queues, visibility_timeout=self.visibility_timeout)
        if self.max_polling_interval is not None:
            queues = replace(queues, max_polling_interval=self.max_polling_interval)
        if self.max_dequeue_count is not None:
            queues = replace(queues, max_dequeue_count=self.max_dequeue_count)
        return queues


class Host:
    """One app, running."""

    def __init__(self, functions: list[Function], host_json: HostJson, options: Options, worker: Worker) -> None:
        self.function_names = [function.name for function in functions]
        self._port = options.port
        self._storage = Storage()
        queues = options.apply_to(host_json.queues)
        invoker = Invoker(worker, self._storage, queues.message_encoding, host_json.function_timeout)
        past_runs = PastRuns(options.past_runs)
        http: list[tuple[Function, HttpTrigger]] = []
        self._listeners: list[QueueListener] = []
        self._loops: list[QueueListener | Timer] = []
        for function in functions:
            match function.trigger:
                case HttpTrigger() as trigger:
                    http.append((function, trigger))
                case QueueTrigger() as trigger:
                    self._listeners.append(
                        QueueListener(
                            function,
                            trigger,
                            settings=queues,
                            lease_seconds=options.lease_seconds,
                            storage=self._storage,
                            invoker=invoker,
                        )
                    )
                case TimerTrigger() as trigger:
                    self._loops.append(Timer(function, trigger, invoker, past_runs))
        self._loops += self._listeners
        self._http = HttpServer(http, prefix=host_json.route_prefix, key=options.function_key, invoker=invoker)
        self._running: list[asyncio.Task[None]] = []

    @classmethod
    async def load(cls, options: Options) -> Self:
        """Read host.json and index the app. Raises StartFault, which says what is wrong."""
        host_json = read_host_json(options.app_directory / "host.json")
        worker = Worker()
        functions = read_functions(await worker.load(options.app_directory), os.environ)
        return cls(functions, host_json, options, worker)

    async def start(self) -> str:
        """Start every trigger. Returns the root URL of the HTTP functions."""
        url = await self._http.start(self._port)
        self._running = [asyncio.create_task(trigger.run()) for trigger in self._loops]
        return url

    async def stop(self) -> None:
        """Take no more work, and give running invocations ten seconds. An unfinished message keeps its lease."""
        for trigger in self._loops:
            trigger.stop()
        try:
            async with asyncio.timeout(_GRACE_SECONDS):
                await asyncio.gather(self._http.stop(), self._listeners_ended())
        except TimeoutError:
            _logger.warning("stopping, though not every invocation has ended")
        await self._storage.close()

    async def _listeners_ended(self) -> None:
        await asyncio.gather(*self._running)
        await asyncio.gather(*(listener.drain() for listener in self._listeners))
