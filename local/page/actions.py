"""What the buttons of the page do in the tenant, in Graph and in the app."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import count
from typing import TYPE_CHECKING, Final, NamedTuple

from local.client import jobs
from local.client.delivery import Delivery, request_ids
from local.page.senders import SENDERS, Asking
from local.page.story import Sent
from shared.intake.sources import SOURCES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from requests import Response

    from local.page.observer import Clients, Job, Memory, Observer
    from local.page.senders import Sender

MAX_SUMMARY: Final = 500
"""The longest text that a person may add to a request, in characters."""

_AFTER_SECONDS: Final = 2.0
"""Seconds from a start to the end of its cycle: long enough to see the job run."""

_BROKEN: Final = {
    "status": 400,
    "code": "SystemForCrossDomainIdentityManagementCredentialValidationFailure",
    "message": "The application did not accept the credentials that are saved for provisioning.",
}
_TENANT: Final = (
    # The one in the greeting of `serve`.
    ("Contoso Expenses", "11111111-2222-3333-4444-555555555555", "ExpensesOut.job1"),
    ("Contoso HR", "1b2e8d5f-9c30-4d7a-8f6e-4a8b7c2d3e08", "HrIn.4c8f7d6e1a3b4b2a9d0e9f8a7b6c5d4e"),
    ("Contoso Travel", "0a1d7c4e-8b2f-4c69-9e5d-3f7a6b1c2d07", "TravelOut.3b7e6c5d0f2a4a1f8c9d8e7f6a5b4c3d"),
)


class Done(NamedTuple):
    """The result of a button, in a sentence."""

    ok: bool
    text: str


class Refused(Exception):
    """The button cannot do it. The text says why."""


class Actions:
    """The buttons. One call at a time. Each raises Refused, and RequestException if a part cannot be reached."""

    def __init__(self, clients: Clients, observer: Observer, memory: Memory, settings: Mapping[str, str]) -> None:
        """`settings` are the app's; it signs with those named WEBHOOK_SECRET_…."""
        self._app, self._simulation, self._told = clients
        self._observer = observer
        self._memory = memory
        self._settings = settings
        self._numbers = count(1)

    def set_up(self) -> None:
        """Create applications whose provisioning works."""
        for name, principal, job_id in _TENANT:
            self._simulation.put_principal(principal, display_name=name)
            self._simulation.put_job(principal, jobs.active(job_id))

    def change(self, what: str, principal: str, job_id: str) -> Done:
        """Put a job into another state."""
        job = self._job(principal, job_id)
        match what:
            case "quarantine":
                self._put(job, jobs.quarantined(job_id))
                return Done(True, f"{job.application}: in quarantine. A start helps.")
            case "relapse":
                self._put(job, jobs.quarantined(job_id), afterStart="relapse")
                return Done(True, f"{job.application}: in quarantine. A start does not help: it comes back.")
            case "deletes":
                self._put(job, jobs.quarantined(job_id, reason="TooManyDeletes"))
                return Done(True, f"{job.application}: in quarantine for too many deletions.")
            case "break":
                self._put(job, jobs.quarantined(job_id), afterStart="relapse", credentials=_BROKEN)
                return Done(True, f"{job.application}: its credentials are broken, and it is in quarantine.")
            case "fix":
                self._put(job, job.value)
                return Done(True, f"{job.application}: its credentials work again.")
            case "pause":
                self._put(job, jobs.paused(job_id))
                return Done(True, f"{job.application}: paused, as by a person.")
            case "run":
                self._put(job, jobs.active(job_id))
                return Done(True, f"{job.application}: runs without errors.")
        raise Refused("There is no such button.")

    def graph(self, what: str) -> Done:
        """Take Graph down, or bring it back."""
        if what == "down":
            self._simulation.fault(service="graph", times=None, status=503)
            return Done(True, "Graph is down: it answers every call with 503.")
        self._simulation.clear_faults()
        return Done(True, "Graph is up. All faults were removed.")

    def send(self, sender: str, principal: str, job_id: str, summary: str) -> Done:
        """Send a request as that sender does. For a ticket system, open a ticket first."""
        job = self._job(principal, job_id)
        if sender not in SENDERS:
            raise Refused("There is no such sender.")
        of = SENDERS[sender]
        summary = " ".join(summary.split())[:MAX_SUMMARY] or f"{job.application} is in quarantine"
        asking = Asking(next(self._numbers), principal, job_id, summary)
        by = of.name
        if of.ticket is not None:
            ticket = of.ticket(asking.number)
            by = f"{of.name} {ticket.number}"
            if self._told is not None:
                self._told.put_ticket(ticket.target, ticket.id, number=ticket.number)
            self._memory.tickets.append((ticket, summary))
        if of.by_queue:
            (request_id,) = self._app.put_message(asking.path)
            self._note([request_id], job, by)
            return Done(True, f"{by}: put on the queue.")
        answer = self._post(of, asking)
        if not answer.ok:
            return Done(False, f"{by}: the app answered {answer.status_code} {answer.text[:300]}")
        accepted = request_ids(answer.json())
        self._note(accepted, job, by)
        if not accepted:
            return Done(False, f"{by}: the app answered {answer.status_code}, and ignored it: {answer.text[:300]}")
        return Done(True, f"{by}: the app answered {answer.status_code} and queued it.")

    def _post(self, sender: Sender, asking: Asking) -> Response:
        body = sender.body(asking)
        if sender.source is None:
            return self._app.post(body)
        source = SOURCES[sender.source]
        secret = self._settings.get(source.secret_setting, "").partition(",")[0].strip() or None
        return Delivery(source, json.dumps(body).encode(), secret).post(self._app)

    def _note(self, ids: list[str], job: Job, by: str) -> None:
        now = datetime.now(UTC)
        self._memory.sent += [Sent(each, now, by, job.id, job.application) for each in ids]

    def _put(self, job: Job, value: Mapping[str, object], **behaviour: object) -> None:
        self._simulation.put_job(
            job.principal, {**value, "id": job.id}, **{"afterSeconds": _AFTER_SECONDS, **behaviour}
        )

    def _job(self, principal: str, job_id: str) -> Job:
        for job in self._observer.jobs():
            if (job.principal, job.id) == (principal, job_id):
                return job
        raise Refused("There is no such job.")
