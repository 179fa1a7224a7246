"""What the watch learns from other senders' requests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.errors import LedgerUnavailable
from shared.event.status_event import StatusEvent
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.starting.ending import Ending
from shared.watching.dealt import note
from shared.watching.memory import Dealt, Memory
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, WHEN
from tests.unit.fake_ledger import FakeLedger

BY_OBJECT_ID = JobReference(PRINCIPAL, None, JOB)
SECOND = timedelta(seconds=1)


def event(reason: Reason, job: JobReference | None = BY_OBJECT_ID) -> StatusEvent:
    return StatusEvent(
        site_name="local",
        request_id=REQUEST_ID,
        requested_by=RequestedBy("azure-monitor"),
        requested_at=WHEN,
        began_at=WHEN,
        finished_at=WHEN + SECOND,
        ending=Ending(reason=reason),
        job=job,
    )


@pytest.mark.parametrize("reason", [Reason.TOO_MANY_DELETES, Reason.RELAPSING, Reason.GAVE_UP, Reason.BAD_REQUEST])
def test_hold_and_failure_are_noted(ledger: FakeLedger, reason: Reason) -> None:
    note([event(reason)], lambda: ledger)
    spelt_otherwise = JobReference(PRINCIPAL, APP_ID, JOB.upper())
    assert Memory(ledger).dealt(spelt_otherwise) == Dealt(WHEN + SECOND, reason.value)


@pytest.mark.parametrize(
    "told",
    [
        event(Reason.DRY_RUN),
        event(Reason.QUARANTINE_CLEARED),
        event(Reason.PERMISSION_AWAITED),
        event(Reason.NOT_FOUND, None),
        event(Reason.NOT_FOUND, JobReference(None, APP_ID, JOB)),
        event(Reason.NOT_FOUND, JobReference(PRINCIPAL)),
    ],
)
def test_nothing_else_touches_the_ledger(ledger: FakeLedger, told: StatusEvent) -> None:
    note([told], lambda: ledger)
    assert ledger.calls == []


def test_ledger_that_is_away_keeps_no_event_back(caplog: pytest.LogCaptureFixture) -> None:
    def away(_: str) -> None:
        raise LedgerUnavailable("503")

    note([event(Reason.TOO_MANY_DELETES)], lambda: FakeLedger(before=away))
    assert "hold_not_noted" in caplog.text
