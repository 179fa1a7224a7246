"""Every setting of docs/settings.md with wrong values: the app starts, reports the fault, and guards no less."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from shared.configuration import Configuration, Use
from shared.intake.payloads import take
from shared.intake.sources import SOURCES
from shared.setting_kinds import queue_name, schedule, table_name
from tests.examples import JOB, PRINCIPAL

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
BLANKS = ("", " ")
QUEUE = ("Start_Requests", "x" * 57)
NUMBER = ("often", "-1", "1e9", "nan")

WRONG: dict[str, tuple[str, ...]] = {
    "QUEUE_CONNECTION": ("AzureWebJobsStorrage", "UseDevelopmentStorage=true", "x" * 200),
    "START_REQUESTS_QUEUE": QUEUE,
    "START_STATUS_QUEUE": QUEUE,
    "START_NOTICES_QUEUE": QUEUE,
    "GRAPH_ENDPOINT": ("https:/graph.microsoft.com", "http://graph.microsoft.com", "https://169.254.169.254"),
    "GRAPH_VERSION": ("v2", "1.0"),
    "GRAPH_TIMEOUT": NUMBER,
    "ALLOWED_SERVICE_PRINCIPALS": ("contoso", f"{PRINCIPAL};{PRINCIPAL}", ","),
    "HELD_REASONS": ("too_many_delets", "nothing", ","),
    "CREDENTIAL_CHECK": ("yes", "1"),
    "START_LIMIT": (*NUMBER, "0"),
    "START_WINDOW": (*NUMBER, "0"),
    "WATCH": ("allowed", "everyone", f"all,{PRINCIPAL}"),
    "WATCH_SCHEDULE": ("hourly", "0 0 0 * * 7"),
    "RECOVERY_SCHEDULE": ("every five minutes", "0 */5 * * *  * *", "0 0 0 * * 7"),
    "RECOVERY_DEADLINE": (*NUMBER, "0"),
    "LEDGER_TABLE": ("Start-Ledger", "x" * 64),
    "STATUS_TABLE": ("Start-Status", "x" * 64),
    "STATUS_KEY": ("short", "@Microsoft.KeyVault(SecretName=x)"),
    "SECOND_START_AFTER": NUMBER,
    "JOB_LEASE": (*NUMBER, "1"),
    "GIVE_UP_AFTER": (*NUMBER, "0"),
    "WEBHOOK_SECRET_PAGERDUTY": (",", "x,", "@Microsoft.KeyVault(SecretName=x)"),
    "WEBHOOK_SECRET_JIRA": (",", "x,", "@Microsoft.KeyVault(SecretName=x)"),
    "WEBHOOK_SECRET_ZENDESK": (",", "x,", "@Microsoft.KeyVault(SecretName=x)"),
    "WEBHOOK_SECRET_STANDARD_WEBHOOKS": ("whsec_", "whsec_c2hvcnQ=", "whsec_?"),
    "WEBHOOK_SECRET_GENERIC": ("whsec_", "whsec_c2hvcnQ=", "whsec_?"),
    "SOURCES": ("azure_monitor", "jira;zendesk", ","),
    "APPLICATION_NAMES": ("yes", "1"),
    "NOTIFY_": ("x",),
    "PYTHON_THREADPOOL_THREAD_COUNT": (*NUMBER, "0"),
    "WEBSITE_SITE_NAME": (),
    "AZURE_TOKEN_CREDENTIALS": ("ManagedIdentity", "managed_identity"),
    "AZURE_CLIENT_ID": ("contoso-identity", "0"),
}
"""Misspelled values, and values out of range. WEBSITE_SITE_NAME may be any text."""

NOTHING_STOPS = {
    "WATCH",
    "WATCH_SCHEDULE",
    "RECOVERY_SCHEDULE",
    "START_NOTICES_QUEUE",
    "APPLICATION_NAMES",
    "STATUS_TABLE",
    "STATUS_KEY",
}
"""Settings whose default is safe to use: the fault is reported only at the start and in the log."""


def cases() -> Iterator[tuple[str, str]]:
    for name, values in WRONG.items():
        full = {"NOTIFY_": "NOTIFY_TEAMS"}.get(name, name)
        yield from ((full, value) for value in (*BLANKS, *values))


def test_each_row_of_the_table_is_tried() -> None:
    cells = [row.split("|")[1] for row in PAGE.splitlines() if row.startswith("| `")]
    names = [name for cell in cells for name in re.findall(r"`([A-Z_…]+)`", cell)]
    secrets = {source.secret_setting for source in SOURCES.values() if source.signature}
    told = {f"WEBHOOK_SECRET{name[1:]}" if name.startswith("…") else name.rstrip("…") for name in names}
    assert told == WRONG.keys()
    assert {name for name in told if name.startswith("WEBHOOK_SECRET_")} == secrets


@pytest.mark.parametrize(("name", "value"), list(cases()))
def test_a_wrong_value_is_told_and_guards_no_less(name: str, value: str) -> None:
    set_up = Configuration.read({name: value})
    assert set_up.faults
    for fault in set_up.faults:
        assert name in fault.settings
        assert name in str(fault)
    assert set_up.settings.allowed_service_principals in ((frozenset(),) if "ALLOWED" in name else (None,))
    settings = set_up.settings
    for queue in (settings.start_requests_queue, settings.start_status_queue, settings.start_notices_queue):
        queue_name(queue)
    table_name(settings.ledger_table)
    schedule(settings.recovery_schedule)
    assert settings.watch == frozenset()
    if name == "SOURCES" or name.startswith("WEBHOOK_SECRET_"):
        assert_source_is_closed(name, set_up)
    elif name.startswith("NOTIFY_"):
        assert set_up.notices is None
    elif name not in NOTHING_STOPS:
        assert set_up.faults_of(Use.STARTS)
    assert bool(set_up.faults_of(Use.INTAKE)) is (name in ("QUEUE_CONNECTION", "START_REQUESTS_QUEUE"))


def assert_source_is_closed(name: str, set_up: Configuration) -> None:
    closed = next(source.name for source in SOURCES.values() if name in ("SOURCES", source.secret_setting))
    taken = take(
        closed,
        json.dumps({"servicePrincipalId": PRINCIPAL, "jobId": JOB}).encode(),
        {"content-type": "application/json"},
        set_up.settings,
        set_up.webhook_keys,
        open_sources=set_up.open_sources,
        closed_sources=set_up.closed_sources,
    )
    assert (taken.answer.status, taken.requests) == (503, ())
    assert name in {error["setting"] for error in json.loads(taken.answer.body)["errors"]}
