"""Settings: defaults, and every fault named at once."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta

import pytest

from shared.errors import InvalidSettings
from shared.graph.client import CONNECT_TIMEOUT
from shared.ledger.connection import CONNECT_TIMEOUT as TABLE_CONNECT
from shared.ledger.connection import READ_TIMEOUT as TABLE_READ
from shared.outcome import HOLDABLE, Reason
from shared.settings import Settings
from tests.examples import APP_ID, PRINCIPAL


def settings(**environment: str) -> Settings:
    return Settings.from_environment(environment)


def faults(**environment: str) -> tuple[str, ...]:
    with pytest.raises(InvalidSettings) as caught:
        settings(**environment)
    return caught.value.faults


def test_empty_environment_gives_the_defaults() -> None:
    assert settings() == Settings()


@pytest.mark.parametrize("name", [each.metadata["name"] for each in fields(Settings) if each.metadata])
@pytest.mark.parametrize("blank", ["", " ", "\t"])
def test_a_setting_that_is_there_but_blank_is_a_fault(name: str, blank: str) -> None:
    assert faults(**{name: blank}) == (f"{name} is blank; give it a value, or delete it",)


def test_wrong_settings_allow_no_more_than_was_meant() -> None:
    read, _ = Settings.read(dict.fromkeys(("ALLOWED_SERVICE_PRINCIPALS", "SOURCES", "HELD_REASONS"), " "))
    assert read.allowed_service_principals == frozenset()
    assert read.sources == frozenset()
    assert read.held_reasons == HOLDABLE


@pytest.mark.parametrize("timeout", [1, 30, 100])
def test_a_lease_outlasts_the_slowest_start(timeout: int) -> None:
    slowest = Settings(graph_timeout=timeout).slowest_start
    calls_of_graph, calls_of_the_table = 2 * (CONNECT_TIMEOUT + timeout), 2 * (TABLE_CONNECT + TABLE_READ)
    assert slowest.total_seconds() == calls_of_graph + calls_of_the_table + 5
    assert settings(GRAPH_TIMEOUT=str(timeout)).job_lease >= slowest
    least = f"{slowest.total_seconds():g}"
    assert settings(GRAPH_TIMEOUT=str(timeout), JOB_LEASE=least).job_lease == slowest
    short = str(slowest.total_seconds() - 1)
    (fault,) = faults(GRAPH_TIMEOUT=str(timeout), JOB_LEASE=short)
    assert all(name in fault for name in ("JOB_LEASE", "GRAPH_TIMEOUT"))
    read, _ = Settings.read({"GRAPH_TIMEOUT": str(timeout), "JOB_LEASE": short})
    assert read.job_lease == slowest


def test_queues_that_can_not_be_apart_have_their_defaults() -> None:
    read, found = Settings.read(
        {"START_REQUESTS_QUEUE": "start-status", "START_STATUS_QUEUE": "a-queue", "START_NOTICES_QUEUE": "a-queue"}
    )
    assert [fault.settings for fault in found] == [
        ("START_STATUS_QUEUE", "START_NOTICES_QUEUE"),
        ("START_REQUESTS_QUEUE", "START_STATUS_QUEUE"),
    ]
    assert read == Settings()


def test_every_setting_is_read() -> None:
    read = settings(
        START_REQUESTS_QUEUE="requests-2",
        START_STATUS_QUEUE="status-2",
        QUEUE_CONNECTION="Provisioning",
        GRAPH_ENDPOINT="https://Graph.microsoft.us/",
        GRAPH_VERSION="beta",
        GRAPH_TIMEOUT="12.5",
        HELD_REASONS="Too_Many_Deletes, escrows_pruned",
        ALLOWED_SERVICE_PRINCIPALS=f"{PRINCIPAL.upper()},{APP_ID},",
        LEDGER_TABLE="Ledger2",
        JOB_LEASE="80",
        START_LIMIT="5",
        START_WINDOW="12",
        RECOVERY_SCHEDULE="*/30 * * * * *",
        RECOVERY_DEADLINE="0.5",
        WATCH=f"{PRINCIPAL.upper()}, {APP_ID}",
        WATCH_SCHEDULE="0 */2 * * * *",
        CREDENTIAL_CHECK="True",
        WEBSITE_SITE_NAME="contoso-start",
        PYTHON_THREADPOOL_THREAD_COUNT="8",
    )
    assert read == Settings(
        start_requests_queue="requests-2",
        start_status_queue="status-2",
        queue_connection="Provisioning",
        graph_endpoint="https://graph.microsoft.us",
        graph_version="beta",
        graph_timeout=12.5,
        held_reasons=frozenset({Reason.TOO_MANY_DELETES, Reason.ESCROWS_PRUNED}),
        allowed_service_principals=frozenset({PRINCIPAL, APP_ID}),
        ledger_table="Ledger2",
        job_lease=timedelta(seconds=80),
        start_limit=5,
        start_window=timedelta(hours=12),
        recovery_schedule="*/30 * * * * *",
        recovery_deadline=timedelta(minutes=30),
        watch=frozenset({PRINCIPAL, APP_ID}),
        watch_schedule="0 */2 * * * *",
        credential_check=True,
        site_name="contoso-start",
        threads=8,
    )
    assert read.poison_queue == "requests-2-poison"
    assert read.graph_scope == "https://graph.microsoft.us/.default"


def test_held_reasons_none_holds_nothing() -> None:
    assert settings(HELD_REASONS="none").held_reasons == frozenset()
    assert settings().held_reasons == HOLDABLE


def test_watch_may_be_a_word() -> None:
    assert settings(WATCH="ALL").watch == {"all"}
    assert settings(WATCH="allowed", ALLOWED_SERVICE_PRINCIPALS=PRINCIPAL).watch == {"allowed"}
    assert settings().watch == frozenset()


@pytest.mark.parametrize("schedule", ["0 */5 * * * *", "*/5 * * * *", "0 0 8-18 * Jan Mon-Fri"])
def test_schedules_are_ncrontab_expressions(schedule: str) -> None:
    assert settings(RECOVERY_SCHEDULE=schedule).recovery_schedule == schedule


@pytest.mark.parametrize("endpoint", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:9"])
def test_plain_http_is_allowed_on_loopback_only(endpoint: str) -> None:
    assert settings(GRAPH_ENDPOINT=endpoint).graph_endpoint == endpoint


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://graph.microsoft.com",
        "http://127.0.0.1.contoso.com",
        "http://localhost@contoso.com",
        "ftp://localhost",
        "graph.microsoft.com",
        "https://graph.microsoft.com/v1.0",
        "https://user@graph.microsoft.com",
        "https://graph.microsoft.com?x=1",
        "https://graph.microsoft.com?",
        "https://graph.microsoft.com#",
        "https://graph.microsoft.com:port",
        "https://[",
        "https://",
        "https://graph",
        "https://10.0.0.1",
        "https://0x7f.1",
        "https://graph.microsoft.com.",
        "https://graph..microsoft.com",
        "https://-graph.microsoft.com",
        "https://graph_microsoft.com",
        "https://graph.microsoft.com\\.contoso.com",
        "https://graph.microsoft.com%2f.contoso.com",
        "https://graph.microsoft.com;.contoso.com",
        "https://graph.microsoft.com .contoso.com",
        "https://graph.microsoft.com\t.contoso.com",
        "https://gr\u0430ph.microsoft.com",
        "https://graph.microsoft.com:",
        "https://graph.microsoft.com:0443",
        "https://[::1%25eth0]",
        "https://[fe80::1]",
    ],
)
def test_an_endpoint_that_tokens_should_not_go_to_is_named(endpoint: str) -> None:
    (fault,) = faults(GRAPH_ENDPOINT=endpoint)
    assert fault.startswith("GRAPH_ENDPOINT is ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HELD_REASONS", "too_many_deletes,dry_run"),
        ("ALLOWED_SERVICE_PRINCIPALS", "not-a-guid"),
        ("HELD_REASONS", ","),
        ("ALLOWED_SERVICE_PRINCIPALS", " , "),
        ("QUEUE_CONNECTION", "AccountName=contoso;AccountKey=a2V5"),
        ("QUEUE_CONNECTION", "contoso storage"),
        ("JOB_LEASE", "104"),
        ("GRAPH_VERSION", "v2"),
        ("GRAPH_TIMEOUT", "soon"),
        ("GRAPH_TIMEOUT", "nan"),
        ("GRAPH_TIMEOUT", "0"),
        ("PYTHON_THREADPOOL_THREAD_COUNT", "0"),
        ("START_REQUESTS_QUEUE", "Start_Requests"),
        ("START_REQUESTS_QUEUE", "ab"),
        ("START_STATUS_QUEUE", "x" * 60),
        ("START_STATUS_QUEUE", "start-requests"),
        ("START_STATUS_QUEUE", "start-requests-poison"),
        ("START_STATUS_QUEUE", "start-notices-poison"),
        ("START_NOTICES_QUEUE", "start-status"),
        ("START_NOTICES_QUEUE", "start-requests-poison"),
        ("LEDGER_TABLE", "Start-Ledger"),
        ("LEDGER_TABLE", "tables"),
        ("JOB_LEASE", "315"),
        ("START_LIMIT", "0"),
        ("START_LIMIT", "11"),
        ("START_WINDOW", "0"),
        ("RECOVERY_DEADLINE", "forever"),
        ("RECOVERY_SCHEDULE", "every five minutes"),
        ("RECOVERY_SCHEDULE", "00:05:00"),
        ("RECOVERY_SCHEDULE", "25:00:00"),
        ("RECOVERY_SCHEDULE", "0 0 0 * * 7"),
        ("RECOVERY_SCHEDULE", "0 0 0 31 2 *"),
        ("CREDENTIAL_CHECK", "perhaps"),
        ("WATCH", "everybody"),
        ("WATCH", f"all,{PRINCIPAL}"),
        ("WATCH", "allowed"),
        ("WATCH", ","),
        ("WATCH_SCHEDULE", "00:10:00"),
    ],
)
def test_a_fault_is_named_with_its_setting(name: str, value: str) -> None:
    (fault,) = faults(**{name: value})
    assert name in fault


def test_a_key_that_was_put_in_the_wrong_setting_is_not_repeated() -> None:
    (fault,) = faults(QUEUE_CONNECTION="AccountName=contoso;AccountKey=a2V5")
    assert "a2V5" not in fault


def test_all_faults_are_named_together() -> None:
    with pytest.raises(InvalidSettings) as caught:
        settings(GRAPH_ENDPOINT="http://contoso.com", HELD_REASONS="everything", ALLOWED_SERVICE_PRINCIPALS="x,y")
    text = str(caught.value)
    assert len(caught.value.faults) == 4
    assert all(part in text for part in ("GRAPH_ENDPOINT", "'everything'", "'x'", "'y'"))
