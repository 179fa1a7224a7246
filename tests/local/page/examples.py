"""Examples for the tests of the page."""

from __future__ import annotations

from typing import Any

from local.client import jobs
from local.client.told import Seen
from local.page.observer import Job, Snapshot, Ticket
from local.page.story import stories
from tests.unit.notices.events import EVENT_ID, HOSTILE, event

PRINCIPAL = "a4d1c6f0-52b7-4c63-9d0a-6b0e7f3a1d01"
FINE: dict[str, Any] = {"requestedAt": "2026-11-23T10:00:00.000Z", "graph": [{"operation": "read", "status": 200}]}


def snapshot(events: list[dict[str, Any]] | None = None, text: str = "Contoso HR", **changed: Any) -> Snapshot:
    """One of each part, with `text` wherever other systems or people write text."""
    events = [event("started", **FINE)] if events is None else events
    job = {**jobs.quarantined("job1"), "id": text}
    given: dict[str, Any] = {
        "jobs": [Job(PRINCIPAL, text, job, credentials_work=True)],
        "graph_is_down": False,
        "other_faults": 0,
        "events": events,
        "stories": stories([], events),
        "tickets": [Ticket("servicenow", text, text, (Seen("servicenow", text, f"{text}\n{text}", True, None),))],
        "told": {EVENT_ID: ["teams", f"servicenow {text}"]},
        **changed,
    }
    return Snapshot(**given)


def hostile() -> Snapshot:
    """A snapshot in which every text looks like markup."""
    data = event()["data"]
    job = {**data["job"], "appDisplayName": HOSTILE, "jobId": HOSTILE, "quarantine": {"reason": HOSTILE}}
    events = [
        event(outcome, **{**FINE, "message": HOSTILE, "advice": HOSTILE, "reason": HOSTILE, "job": job})
        | {"id": f"{EVENT_ID}{outcome}"}
        for outcome in ("started", "skipped", "delayed", "of a later version")
    ]
    for each in events:
        each["data"]["requestedBy"] = {"source": HOSTILE, "reference": HOSTILE, "summary": HOSTILE}
    return snapshot(events, HOSTILE)
