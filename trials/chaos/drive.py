"""Plays a plan on a whole local system, and records the results."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final

from local.client.app_client import AppClient
from local.parts.system import LocalSystem, Options
from trials.app_copy import allow_short_leases, copy_app
from trials.chaos import checks, limits
from trials.chaos.deliveries import settings as secrets
from trials.chaos.entries import leave_odd_entries
from trials.chaos.plan import HOSTS
from trials.chaos.record import Record
from trials.chaos.send import send

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local.client.status_events import Event
    from trials.chaos.faults import Fault
    from trials.chaos.plan import Plan
    from trials.chaos.send import Sent
    from trials.chaos.sendings import Sending

_SETTINGS: Final = {
    "GRAPH_TIMEOUT": f"{limits.GRAPH_TIMEOUT:g}",
    "JOB_LEASE": f"{limits.JOB_LEASE}",
    "START_LIMIT": f"{limits.START_LIMIT}",
    "RECOVERY_SCHEDULE": "*/2 * * * * *",
    "RECOVERY_DEADLINE": limits.hours(limits.RECOVERY_DEADLINE),
    "GIVE_UP_AFTER": limits.hours(limits.GIVE_UP_AFTER),
    "SECOND_START_AFTER": f"{limits.SECOND_START_AFTER.total_seconds():g}",
}
_LOOK_EVERY_SECONDS: Final = 0.5


def drive(plan: Plan, *, logs: Path, app: Path | None = None, patience: float = 90.0) -> Record:
    """Play the plan, then wait until all work is done, at most `patience` seconds. All processes log to `logs`.

    `app` is a changed copy of the app, which is changed once more. None plays the app as it is.
    """
    with TemporaryDirectory(prefix="chaos-app-") as directory:
        if app is None:
            app = Path(directory)
            copy_app(app)
        allow_short_leases(app)
        return _drive(plan, logs, app, patience)


def _drive(plan: Plan, logs: Path, app: Path, patience: float) -> Record:
    options = Options(
        lease=4,
        visibility=1,
        max_poll=0.5,
        max_dequeue=plan.max_dequeue,
        hosts=HOSTS,
        app=app,
        settings={**_SETTINGS, **secrets(), "ALLOWED_SERVICE_PRINCIPALS": ",".join(sorted(plan.allowed))},
        storage_through_cloud=True,
    )
    with LocalSystem(options) as system, ExitStack() as ends:
        ends.callback(_keep_logs, system, logs)
        for job in plan.jobs:
            job.set_up(system.simulation)
        if plan.has_odd_entries:
            leave_odd_entries(system)
        clients = [ends.enter_context(_client_of(system, host)) for host in range(HOSTS)]
        return _come_to_rest(system, plan, _play(plan, system, clients), patience)


def _client_of(system: LocalSystem, host: int) -> AppClient:
    """A client of the app on this host."""
    return AppClient(
        system.storage,
        functions=system.hosts[host].url,
        function_key=system.function_key,
        settings=system.settings,
    )


def _keep_logs(system: LocalSystem, logs: Path) -> None:
    for log in system.directory.glob("*.log"):
        shutil.copy(log, logs)


def _play(plan: Plan, system: LocalSystem, clients: Sequence[AppClient]) -> list[Sent]:
    """Send and inject faults. Each lane has a thread of its own, and all share one clock."""
    by_queue = [each for each in plan.sendings if not each.way.is_http]
    by_http = [[each for each in plan.sendings if each.way.is_http and each.host == host] for host in range(HOSTS)]
    parts = {fault.part for fault in plan.faults}
    failing = [[fault for fault in plan.faults if fault.part == part] for part in parts]
    began = monotonic()
    with ThreadPoolExecutor(max_workers=1 + len(by_http) + len(failing)) as threads:
        faults = [threads.submit(_let_fail, lane, system, began) for lane in failing]
        lanes = [(by_queue, system.app), *zip(by_http, clients, strict=True)]
        sent = [threads.submit(_send_all, lane, client, began) for lane, client in lanes]
        for future in faults:
            future.result()
        _wait_until(began + plan.seconds)
        return [each for future in sent for each in future.result()]


def _send_all(sendings: Iterable[Sending], client: AppClient, began: float) -> list[Sent]:
    sent: list[Sent] = []
    for sending in sendings:
        _wait_until(began + sending.at)
        sent.append(send(sending, client))
    return sent


def _let_fail(faults: Iterable[Fault], system: LocalSystem, began: float) -> None:
    for fault in faults:
        _wait_until(began + fault.at)
        fault.happen(system)


def _wait_until(moment: float) -> None:
    sleep(max(0.0, moment - monotonic()))


def _come_to_rest(system: LocalSystem, plan: Plan, sent: Sequence[Sent], patience: float) -> Record:
    """After the last fault, wait until nothing is missing."""
    system.simulation.clear_faults()
    system.simulation.set_latency(0)
    deadline = monotonic() + patience
    events: list[Event] = []
    while True:
        # Read the queues first: when a message is gone from all queues, its events are there.
        left = system.app.messages()
        while some := system.app.events.read():
            events += some
        record = Record(
            sent=tuple(sent),
            events=tuple(events),
            calls=tuple(system.simulation.calls()),
            left=left,
            revivals=system.platform.revivals,
            history=system.simulation.history(),
            application_ids={job.principal.app_id: job.principal.object_id for job in plan.jobs},
            job_ids=plan.job_ids,
            allowed=plan.allowed,
            is_calm=not plan.faults,
        )
        if monotonic() > deadline or not checks.missing(record):
            return record
        sleep(_LOOK_EVERY_SECONDS)
