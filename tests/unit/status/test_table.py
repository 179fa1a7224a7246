"""The status table on the real client of Azure Tables, in front of a fake service: its faults are ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import requests
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient

from shared.errors import StatusUnavailable
from shared.status.table import StatusTable
from tests.examples import PRINCIPAL, REQUEST_ID, WHEN
from tests.unit.event.test_status_event import event
from tests.unit.ledger.test_table import KEY, FakeTables
from tests.unit.open_gate import OpenGate

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def tables() -> FakeTables:
    return FakeTables()


@pytest.fixture
def gate() -> OpenGate:
    return OpenGate()


@pytest.fixture
def table(tables: FakeTables, gate: OpenGate) -> StatusTable:
    session = requests.Session()
    session.mount("https://", tables)
    client = TableClient(
        "https://contoso.table.core.windows.net",
        "StartStatus",
        credential=AzureNamedKeyCredential("contoso", KEY),
        transport=RequestsTransport(session=session, session_owner=False),
        retry_total=0,
    )
    return StatusTable(client, gate)


CALLS: dict[str, Callable[[StatusTable], object]] = {
    "keep": lambda table: table.keep([event()]),
    "of_request": lambda table: table.of_request(REQUEST_ID, WHEN, WHEN),
    "of_application": lambda table: list(table.of_application(PRINCIPAL, WHEN, WHEN)),
    "remove_old": lambda table: table.remove_old(WHEN, 10),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_service_that_answers_an_error_is_away(
    table: StatusTable, tables: FakeTables, gate: OpenGate, call: Callable[[StatusTable], object]
) -> None:
    tables.answer(503, "ServerBusy")
    with pytest.raises(StatusUnavailable, match=r"^the status table answered 503 ServerBusy$"):
        call(table)
    assert gate.told == ["the status table answered 503 ServerBusy"]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_a_service_that_is_not_reached_is_away(
    table: StatusTable, tables: FakeTables, call: Callable[[StatusTable], object]
) -> None:
    tables.answers.append(requests.ConnectionError("refused"))
    with pytest.raises(StatusUnavailable, match=r"^the status table gave no answer: "):
        call(table)


def test_a_fault_of_the_app_itself_says_nothing_of_the_service(
    table: StatusTable, tables: FakeTables, gate: OpenGate
) -> None:
    tables.answers.append(KeyError("x"))
    with pytest.raises(KeyError):
        table.of_request(REQUEST_ID, WHEN, WHEN)
    assert gate.told == ["dropped"]


def test_a_table_that_another_worker_makes_meanwhile_is_used(table: StatusTable, tables: FakeTables) -> None:
    tables.answer(404, "TableNotFound").answer(409, "TableAlreadyExists").answer(204)
    table.keep([event()])
    row = f"/StartStatus(PartitionKey='2026-11-23',RowKey='{REQUEST_ID}%20{event().event_id}')"
    assert tables.asked == [f"PUT {row}", "POST /Tables", f"PUT {row}"]


def test_days_of_which_there_is_no_table_hold_no_event(table: StatusTable, tables: FakeTables, gate: OpenGate) -> None:
    tables.answer(404, "TableNotFound").answer(404, "TableNotFound")
    assert table.of_request(REQUEST_ID, WHEN, WHEN + timedelta(days=1)) == []
    assert gate.told == ["answered", "answered"]


def test_what_another_instance_has_removed_is_not_counted(table: StatusTable, tables: FakeTables) -> None:
    old = {"odata.etag": 'W/"1"', "PartitionKey": "2026-10-01", "RowKey": "a b"}
    tables.answer(200, body={"value": [old]}).answer(404, "ResourceNotFound")
    assert table.remove_old(WHEN, 10) == 0
    assert "PartitionKey%20lt%20%272026-10-24%27" in tables.requests[0].path_url
