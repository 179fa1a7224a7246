"""The run, and the limits that it must meet."""

from __future__ import annotations

import base64
import json
import os
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import TYPE_CHECKING, Final

from azure.data.tables import TableServiceClient
from azure.storage.queue import QueueClient

from local.client import jobs
from local.client.simulation import Simulation
from local.parts.system import LocalSystem, Options
from shared.graph.job import parse_job
from shared.ledger.entry import Entry, new_start
from shared.ledger.table import LedgerTable
from shared.outcome import Reason
from shared.process import process
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy, StartRequest
from shared.settings import Settings
from shared.waiting.services import Services

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

READ_LIMIT: Final = 3_500
"""How many reads within WINDOW seconds Graph accepts from an app in the smallest tenants. Source: Microsoft Learn,
"Microsoft Graph service-specific throttling limits", identity and access."""
WINDOW: Final = 10.0

_THREADS: Final = 8
_PAGE: Final = 32
_RUN: Final = {"state": "Succeeded", "timeBegan": "2100-01-01T00:00:00Z"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How many jobs there are, how slow Graph is, and how long the run may take."""

    jobs: int
    latency_seconds: float
    within_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The result of a run."""

    size: Size
    seconds: float
    told: Counter[str]
    """How often each event was sent, by its id."""
    reads: tuple[float, ...]
    """When each read arrived, in seconds, sorted."""

    @property
    def most_reads(self) -> int:
        """The most reads within any WINDOW."""
        first, most = 0, 0
        for last, moment in enumerate(self.reads):
            while moment - self.reads[first] > WINDOW:
                first += 1
            most = max(most, last - first + 1)
        return most


def run(size: Size) -> Result:
    """Record starts in the ledger, run the timer once, and read its events from the queue."""
    with LocalSystem(Options(hosts=0)) as system:
        os.environ.update(system.settings)
        principal = str(uuid.uuid4())
        _set_up(system, [JobReference(principal, None, f"job-{number}") for number in range(size.jobs)])
        system.simulation.clear_calls()
        system.simulation.set_latency(size.latency_seconds)
        began = monotonic()
        process().follow_starts(lambda: None)
        seconds = monotonic() - began
        system.simulation.set_latency(0)
        reads = sorted(datetime.fromisoformat(call["time"]).timestamp() for call in system.simulation.calls())
        return Result(size=size, seconds=seconds, told=Counter(_told(system)), reads=tuple(reads))


def verdicts(result: Result) -> Iterator[tuple[bool, str]]:
    """Each limit as a sentence, and whether the run meets it."""
    size, told = result.size, result.told
    within = result.seconds <= size.within_seconds
    yield within, f"{size.jobs} jobs in {result.seconds:.1f} s; at most {size.within_seconds:.0f} s are allowed"
    yield len(told) == size.jobs, f"{len(told)} of {size.jobs} fates were reported"
    repeated = told.total() - len(told)
    yield repeated == 0, f"{repeated} were reported twice"
    most = result.most_reads
    yield most <= READ_LIMIT, f"{most} reads within {WINDOW:.0f} s at most; Graph accepts {READ_LIMIT}"


def _set_up(system: LocalSystem, references: Sequence[JobReference]) -> None:
    """Set up jobs that have recovered, and a ledger that says they were started."""
    ledger = TableServiceClient.from_connection_string(system.storage)
    with ledger as tables, ThreadPoolExecutor(_THREADS) as pool:
        table = LedgerTable(tables.get_table_client(Settings.ledger_table), Services().ledger)
        list(pool.map(lambda part: _start(system.graph, table, part), _parts(references)))


def _parts(references: Sequence[JobReference]) -> list[Sequence[JobReference]]:
    return [references[first::_THREADS] for first in range(_THREADS)]


def _start(graph: str, table: LedgerTable, references: Sequence[JobReference]) -> None:
    at = datetime.now(UTC) - timedelta(minutes=5)
    with Simulation(graph) as simulation:
        for reference in references:
            job = jobs.active(reference.job_id or "")
            job["status"]["lastExecution"] = _RUN
            simulation.put_job(reference.service_principal_id or "", job)
            before = parse_job(jobs.quarantined(reference.job_id or ""))
            if before is None:
                raise ValueError("the trial's own job can't be read")
            request = StartRequest(
                request_id=str(uuid.uuid4()), job=reference, requested_by=RequestedBy("trial"), requested_at=at
            )
            start = new_start(
                request,
                before,
                message_id="trial",
                app_id=None,
                credential_check=None,
                at=at,
                followed_for=timedelta(hours=24),
            )
            table.put(Entry(job=reference, latest=start._replace(reason=Reason.QUARANTINE_CLEARED)))


def _told(system: LocalSystem) -> Iterator[str]:
    """The ids of the events on the status queue."""
    with QueueClient.from_connection_string(system.storage, Settings.start_status_queue) as queue:
        while messages := list(queue.receive_messages(messages_per_page=_PAGE, max_messages=_PAGE)):
            for message in messages:
                queue.delete_message(message)
                yield json.loads(base64.b64decode(message.content))["id"]
