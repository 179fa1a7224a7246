"""The ledger on the real client of Azure Tables, in front of a fake service."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
import requests
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableClient, TableServiceClient
from azure.identity import CredentialUnavailableError
from requests.adapters import BaseAdapter

from shared.errors import InvalidSettings, JobBusy, LedgerUnavailable
from shared.ledger.connection import connect
from shared.ledger.entity import to_entity
from shared.ledger.entry import Entry
from shared.ledger.expansion import Expansion, LeftJob, WhyLeft
from shared.ledger.table import LedgerTable
from shared.request.reference import JobReference
from tests.examples import JOB, PRINCIPAL, REQUEST_ID, WHEN, start, start_request
from tests.unit.open_gate import OpenGate

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "a2V5"
ENTRY = Entry(job=start_request().job, latest=start())
READ = ENTRY._replace(etag='W/"1"')


class FakeTables(BaseAdapter):
    """Answers in a given order, and records its requests."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[requests.Response | Exception] = []
        self.requests: list[requests.PreparedRequest] = []

    def answer(self, status: int, code: str = "", body: Any = None, **headers: str) -> FakeTables:
        response = requests.Response()
        response.status_code = status
        if code:
            body = {"odata.error": {"code": code, "message": {"lang": "en-US", "value": code}}}
        response.raw = _Raw(b"" if body is None else json.dumps(body).encode())
        response.headers.update({"Content-Type": "application/json", **headers})
        self.answers.append(response)
        return self

    @property
    def asked(self) -> list[str]:
        return [f"{request.method} {request.path_url.partition('?')[0]}" for request in self.requests]

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        answer.request, answer.url = request, str(request.url)
        return answer

    def close(self) -> None:
        """Do nothing."""


class _Raw:
    """The part of urllib3's response that the client's transport reads."""

    enforce_content_length = True

    def __init__(self, content: bytes) -> None:
        self._content = content

    def read(self, *_: object, **__: object) -> bytes:
        content, self._content = self._content, b""
        return content

    def release_conn(self) -> None:
        """Do nothing."""


@pytest.fixture
def tables() -> FakeTables:
    return FakeTables()


@pytest.fixture
def table(tables: FakeTables) -> LedgerTable:
    session = requests.Session()
    session.mount("https://", tables)
    client = TableClient(
        "https://contoso.table.core.windows.net",
        "StartLedger",
        credential=AzureNamedKeyCredential("contoso", KEY),
        transport=RequestsTransport(session=session, session_owner=False),
        retry_total=0,
    )
    return LedgerTable(client, OpenGate())


@pytest.mark.parametrize("code", ["ResourceNotFound", "TableNotFound"])
def test_no_entry_and_no_table_are_the_same(table: LedgerTable, tables: FakeTables, code: str) -> None:
    tables.answer(404, code)
    assert table.get(ENTRY.job) is None
    assert tables.asked == [f"GET /StartLedger(PartitionKey='{PRINCIPAL}',RowKey='{JOB}')"]


def odd_entity(**columns: Any) -> dict[str, Any]:
    """An entity from the service, with columns that no version of the app has written."""
    entity = to_entity(Entry(job=JobReference(PRINCIPAL, None, "odd"), latest=start()))
    return {**wire(entity), **columns}


def wire(entity: dict[str, Any]) -> dict[str, Any]:
    """An entity in the service's own form."""
    columns: dict[str, Any] = {"odata.etag": 'W/"1"'}
    for name, value in entity.items():
        columns[name] = f"{value:%Y-%m-%dT%H:%M:%S.%fZ}" if isinstance(value, datetime) else value
        if isinstance(value, datetime):
            columns[f"{name}@odata.type"] = "Edm.DateTime"
    return columns


def test_an_entry_that_cannot_be_read_is_logged_and_harms_no_other(
    table: LedgerTable, tables: FakeTables, caplog: pytest.LogCaptureFixture
) -> None:
    entries = [odd_entity(EndedReason="quarantine_softened"), wire(to_entity(ENTRY)), odd_entity(EarlierStarts="{")]
    tables.answer(200, body={"value": entries})
    assert [entry.job.job_id for entry in table.followed()] == [JOB]
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 2
    assert f"entry_unreadable entry={PRINCIPAL}/odd" in caplog.text
    assert "quarantine_softened" in caplog.text


def test_nothing_is_done_without_what_an_entry_says(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(200, body=odd_entity(EndedReason="quarantine_softened"))
    with pytest.raises(LedgerUnavailable, match=f"entry {PRINCIPAL}/odd can't be read: ValueError"):
        table.get(ENTRY.job)


def test_an_entry_without_etag_is_inserted(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(201, body={}, ETag='W/"1"')
    assert table.put(ENTRY) == READ
    assert tables.asked == ["POST /StartLedger"]


def test_an_entry_with_etag_is_replaced_only_as_it_was_read(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(204, ETag='W/"2"')
    assert table.put(READ).etag == 'W/"2"'
    (request,) = tables.requests
    assert (request.method, request.headers["If-Match"]) == ("PUT", 'W/"1"')


def test_removal_is_conditional(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(204)
    table.remove(READ)
    (request,) = tables.requests
    assert (request.method, request.headers["If-Match"]) == ("DELETE", 'W/"1"')


@pytest.mark.parametrize("made_by_another", [False, True])
def test_a_missing_table_is_made_at_the_first_write(
    table: LedgerTable, tables: FakeTables, *, made_by_another: bool
) -> None:
    tables.answer(404, "TableNotFound")
    _ = tables.answer(409, "TableAlreadyExists") if made_by_another else tables.answer(201, body={})
    tables.answer(201, body={}, ETag='W/"1"')
    assert table.put(ENTRY) == READ
    assert tables.asked == ["POST /StartLedger", "POST /Tables", "POST /StartLedger"]


@pytest.mark.parametrize(
    ("entry", "status", "code"),
    [
        pytest.param(ENTRY, 409, "EntityAlreadyExists", id="inserted meanwhile"),
        pytest.param(READ, 412, "UpdateConditionNotSatisfied", id="changed meanwhile"),
        pytest.param(READ, 404, "ResourceNotFound", id="removed meanwhile"),
    ],
)
def test_later_request_finds_the_job_busy(
    table: LedgerTable, tables: FakeTables, entry: Entry, status: int, code: str
) -> None:
    tables.answer(status, code)
    with pytest.raises(JobBusy, match=str(status)):
        table.put(entry)


@pytest.mark.parametrize(
    "work",
    [
        lambda table: table.get(ENTRY.job),
        lambda table: table.put(READ),
        lambda table: table.remove(READ),
        lambda table: list(table.followed()),
        lambda table: table.remove_untouched(WHEN, 1),
    ],
    ids=["get", "put", "remove", "followed", "remove_untouched"],
)
@pytest.mark.parametrize(
    "fault", [503, 500, 403, requests.ReadTimeout("slow"), requests.ConnectionError("refused")], ids=str
)
def test_a_ledger_that_does_not_answer_is_asked_once(
    table: LedgerTable, tables: FakeTables, work: Callable[[LedgerTable], object], fault: int | Exception
) -> None:
    if isinstance(fault, int):
        tables.answer(fault, "ServerBusy")
    else:
        tables.answers.append(fault)
    with pytest.raises(LedgerUnavailable):
        work(table)
    assert len(tables.requests) == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        pytest.param(403, "the ledger's table answered 403 AuthorizationPermissionMismatch", id="refused"),
        pytest.param(
            requests.ConnectionError("refused"),
            "the ledger's table gave no answer: ServiceRequestError",
            id="no connection",
        ),
        pytest.param(
            CredentialUnavailableError("no identity"),
            "the ledger's table gave no answer: CredentialUnavailableError",
            id="no token",
        ),
    ],
)
def test_the_error_says_what_is_wrong_with_the_ledger(
    table: LedgerTable, tables: FakeTables, fault: int | Exception, message: str
) -> None:
    if isinstance(fault, int):
        tables.answer(fault, "AuthorizationPermissionMismatch")
    else:
        tables.answers.append(fault)
    with pytest.raises(LedgerUnavailable) as caught:
        table.get(ENTRY.job)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("environment", "url"),
    [
        pytest.param(
            {"Jobs": f"AccountName=contoso;AccountKey={KEY};EndpointSuffix=core.windows.net"},
            "https://contoso.table.core.windows.net",
            id="connection string",
        ),
        pytest.param({"Jobs": "UseDevelopmentStorage=true"}, "http://127.0.0.1:10002/devstoreaccount1", id="emulator"),
        pytest.param(
            {"AzureWebJobsJobs": f"AccountName=fabrikam;AccountKey={KEY}", "Jobs": "UseDevelopmentStorage=true"},
            "https://fabrikam.table.core.windows.net",
            id="the host's prefix first",
        ),
        pytest.param({"Jobs__accountName": "contoso"}, "https://contoso.table.core.windows.net", id="account name"),
        pytest.param(
            {"Jobs__tableServiceUri": "https://contoso.table.core.usgovcloudapi.net", "Jobs__accountName": "other"},
            "https://contoso.table.core.usgovcloudapi.net",
            id="table service first",
        ),
        pytest.param(
            {
                "Jobs__tableServiceUri": "https://contoso.table.core.windows.net",
                "Jobs__credential": "managedidentity",
                "Jobs__clientId": PRINCIPAL,
            },
            "https://contoso.table.core.windows.net",
            id="managed identity",
        ),
    ],
)
def test_the_connection_is_the_one_of_the_functions_host(environment: dict[str, str], url: str) -> None:
    with connect(TableServiceClient, "table", "Jobs", environment, threads=2, identity=OpenGate()) as service:
        assert service.url == url


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({}, id="not set"),
        pytest.param({"Jobs": ""}, id="empty"),
        pytest.param({"Jobs__queueServiceUri": "https://contoso.queue.core.windows.net"}, id="queues only"),
        pytest.param({"Jobs": f"AccountKey={KEY}"}, id="no account"),
        pytest.param({"Jobs__tableServiceUri": "http://contoso.table.core.windows.net"}, id="http"),
    ],
)
def test_a_connection_without_tables_is_named_without_its_secret(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="Jobs") as caught:
        connect(TableServiceClient, "table", "Jobs", environment, threads=2, identity=OpenGate())
    assert KEY not in str(caught.value)


EXPANSION = Expansion((JOB,), (LeftJob("BoxOut.1", "Active", WhyLeft.RUNNING),))


def test_the_note_of_a_request_for_all_jobs_is_read_for_its_own_message_alone(
    table: LedgerTable, tables: FakeTables
) -> None:
    tables.answer(204, ETag='W/"1"')
    table.note_expansion(REQUEST_ID, "m-1", EXPANSION)
    note = json.loads(tables.requests[0].body or "{}")
    for _ in range(2):
        tables.answer(200, body={**note, "odata.etag": 'W/"1"'})
    tables.answer(404, "ResourceNotFound")

    assert table.expansion(REQUEST_ID, "m-1") == EXPANSION
    assert table.expansion(REQUEST_ID, "m-2") is None
    assert table.expansion(REQUEST_ID, "m-1") is None
    assert tables.asked == [
        f"PUT /StartLedger(PartitionKey='expansions',RowKey='{REQUEST_ID}')",
        *[f"GET /StartLedger(PartitionKey='expansions',RowKey='{REQUEST_ID}')"] * 3,
    ]


def test_a_name_is_kept_even_before_the_table_exists(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(404, "TableNotFound").answer(201, body={}).answer(204, ETag='W/"1"')
    table.keep_application_name(PRINCIPAL, "Contoso Travel")
    kept = json.loads(tables.requests[-1].body or "{}")
    tables.answer(200, body={**kept, "odata.etag": 'W/"1"'}).answer(404, "ResourceNotFound")

    assert table.application_name(PRINCIPAL) == "Contoso Travel"
    assert table.application_name(PRINCIPAL) is None
    assert [each.partition("(")[0] for each in tables.asked] == [
        "PUT /StartLedger",
        "POST /Tables",
        "PUT /StartLedger",
        "GET /StartLedger",
        "GET /StartLedger",
    ]


def test_rows_of_others_are_read_by_their_partition(table: LedgerTable, tables: FakeTables) -> None:
    row = {"PartitionKey": "watch", "RowKey": "progress", "Pass": "{}"}
    tables.answer(200, body={"value": [{"odata.etag": 'W/"1"', **row}]}).answer(200, body={"odata.etag": "x", **row})
    assert table.rows("watch") == [row]
    assert table.row("watch", "progress") == row
    assert "PartitionKey%20eq%20%27watch%27" in tables.requests[0].path_url


@pytest.mark.parametrize("code", ["ResourceNotFound", "TableNotFound"])
def test_missing_rows_are_none(table: LedgerTable, tables: FakeTables, code: str) -> None:
    tables.answer(404, code).answer(404, code).answer(404, code)
    assert table.rows("watch") == []
    assert table.row("watch", "progress") is None
    table.drop_row("watch", "progress")


def test_row_of_others_is_written_and_removed_whatever_was_there(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(404, "TableNotFound").answer(201, body={}).answer(204).answer(204)
    table.keep_row({"PartitionKey": "watch", "RowKey": "progress", "Pass": "{}"})
    table.drop_row("watch", "progress")
    row = "/StartLedger(PartitionKey='watch',RowKey='progress')"
    assert tables.asked == [f"PUT {row}", "POST /Tables", f"PUT {row}", f"DELETE {row}"]
    assert tables.requests[-1].headers["If-Match"] == "*"


def test_rows_of_the_watch_are_not_removed_with_old_entries(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(200, body={"value": []})
    assert table.remove_untouched(WHEN, 100) == 0
    assert "PartitionKey%20ne%20%27watch%27" in tables.requests[0].path_url


UNTOUCHED = [wire({"PartitionKey": PRINCIPAL, "RowKey": f"job-{number}"}) for number in range(4)]


def test_entry_that_was_used_meanwhile_stays_and_one_that_is_gone_stops_nothing(
    table: LedgerTable, tables: FakeTables
) -> None:
    tables.answer(200, body={"value": UNTOUCHED})
    tables.answer(412, "UpdateConditionNotSatisfied").answer(404, "ResourceNotFound").answer(204)
    assert table.remove_untouched(WHEN, 3) == 2
    assert tables.asked[1:] == [f"DELETE /StartLedger(PartitionKey='{PRINCIPAL}',RowKey='job-{n}')" for n in range(3)]
    assert {request.headers["If-Match"] for request in tables.requests[1:]} == {'W/"1"'}


def test_no_entry_is_removed_where_there_is_no_table(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(404, "TableNotFound")
    assert table.remove_untouched(WHEN, 3) == 0


def test_fault_of_the_app_itself_says_nothing_of_the_service(tables: FakeTables, table: LedgerTable) -> None:
    tables.answers.append(KeyError("x"))
    with pytest.raises(KeyError):
        table.get(ENTRY.job)
    assert isinstance(table._gate, OpenGate)
    assert table._gate.told == ["dropped"]


def test_table_that_is_being_deleted_is_a_ledger_that_is_away(table: LedgerTable, tables: FakeTables) -> None:
    tables.answer(404, "TableNotFound").answer(409, "TableBeingDeleted")
    with pytest.raises(LedgerUnavailable, match="answered 409 TableBeingDeleted"):
        table.put(ENTRY)
    assert [asked.split("/")[0] for asked in tables.asked] == ["POST ", "POST "]
