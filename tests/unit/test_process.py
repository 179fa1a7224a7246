"""What the threads of a process share."""

from __future__ import annotations

import logging
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from shared import process
from shared.configuration import configuration
from shared.errors import LedgerUnavailable, StatusUnavailable
from shared.inbox import Inbox
from shared.ledger.entry import Entry
from shared.notices.target import Target
from shared.request.reference import JobReference
from tests.examples import APP_ID, JOB, PRINCIPAL, REQUEST_ID, open_message, start, start_request
from tests.unit.event.test_status_event import event

if TYPE_CHECKING:
    from collections.abc import Iterator

    from shared.process import Process


@pytest.fixture(autouse=True)
def fresh_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process without any objects yet, with the default settings."""
    monkeypatch.setattr(process, "_process", None)
    configuration.cache_clear()
    yield
    configuration.cache_clear()


def test_threads_that_ask_together_share_one_inbox(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Mock(side_effect=lambda _: time.sleep(0.02))  # lets other threads run
    monkeypatch.setattr(process, "new_session", sessions)
    with ThreadPoolExecutor(8) as pool:
        inboxes = list(pool.map(lambda _: process.process().inbox, range(8)))
    assert {id(inbox) for inbox in inboxes} == {id(inboxes[0])}
    assert sessions.call_count == 1


def test_each_request_gets_a_client_of_its_own_on_the_shared_session() -> None:
    inbox = process.process().inbox
    assert isinstance(inbox, Inbox)
    first, second = inbox._work.new_graph("one"), inbox._work.new_graph("two")
    assert first.calls is not second.calls
    assert first._session is second._session
    assert first._tokens is second._tokens


@dataclass
class Queue:
    """A queue of messages that the app puts there itself."""

    texts: list[str] = field(default_factory=list)

    def send(self, text: str) -> None:
        self.texts.append(text)


def made(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Process:
    """The process with these settings."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return process.process()


def test_an_event_of_the_timer_names_its_application_where_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    shared, queue, graph = made(monkeypatch, APPLICATION_NAMES="true"), Queue(), Mock()
    graph.display_name.return_value = "Contoso HR"
    ledger = Mock()
    ledger.application_name.return_value = None
    monkeypatch.setattr(shared, "_graph", lambda: graph)
    monkeypatch.setattr(shared, "_ledger", lambda: ledger)
    monkeypatch.setattr(shared, "_delayed_queue", lambda _: queue)
    shared._tell(event())
    shared._tell(event())
    assert [open_message(text)["data"]["job"]["appDisplayName"] for text in queue.texts] == ["Contoso HR"] * 2
    graph.display_name.assert_called_once_with(PRINCIPAL)
    ledger.keep_application_name.assert_called_once_with(PRINCIPAL, "Contoso HR")


def test_no_name_is_read_while_the_settings_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = made(monkeypatch, APPLICATION_NAMES="true", GRAPH_VERSION="v7")
    monkeypatch.setattr(shared, "_graph", Mock(side_effect=AssertionError("asked")))
    assert shared.named([event()]) == [event()]


def test_the_queue_is_not_looked_at_while_its_settings_are_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    shared = made(monkeypatch, START_REQUESTS_QUEUE="No Queue")
    monkeypatch.setattr(shared, "_requests_queue", Mock(side_effect=AssertionError("asked")))
    shared.look_at_queue()


@pytest.mark.parametrize("fault", [StatusUnavailable("the status table answered 503"), KeyError("x")], ids=type)
def test_what_is_wrong_with_the_status_table_is_logged_and_keeps_nothing_else_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, fault: Exception
) -> None:
    shared, table = made(monkeypatch), Mock()
    table.keep.side_effect = table.remove_old.side_effect = fault
    monkeypatch.setattr(shared, "status_table", lambda: table)
    shared.keep_status([event()])
    shared.remove_old_statuses()
    assert [record.getMessage().split()[0] for record in caplog.records] == ["status_not_kept", "statuses_not_removed"]
    assert all(record.levelname == "WARNING" and str(fault) in record.getMessage() for record in caplog.records)


def test_an_answer_of_a_target_that_can_not_be_noted_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared, ledger = made(monkeypatch), Mock()
    monkeypatch.setattr(shared, "_ledger", lambda: ledger)
    shared._note_answer(Target.TEAMS, None)
    shared._note_answer(Target.TEAMS, "answered 404")
    assert [call.args[1:] for call in ledger.note.call_args_list] == [
        ("teams delivered", {}),
        ("teams refused", {"Error": "answered 404"}),
    ]
    ledger.note.side_effect = LedgerUnavailable("the ledger's table answered 503")
    with caplog.at_level(logging.INFO):
        shared._note_answer(Target.TEAMS, None)
    (record,) = caplog.records
    assert record.getMessage().startswith('not_noted what="teams delivered" error=')


def test_the_ledger_is_asked_for_a_start_of_one_job_only(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shared, ledger = made(monkeypatch), Mock()
    monkeypatch.setattr(shared, "_ledger", lambda: ledger)
    for job in (JobReference(PRINCIPAL), JobReference(app_id=APP_ID, job_id=JOB)):
        assert shared._started(start_request(job=job)) is None
    ledger.get.assert_not_called()

    ledger.get.return_value = None
    assert shared._started(start_request()) is None
    ledger.get.return_value = Entry(job=start_request().job, latest=start())
    assert shared._started(start_request()) == start()
    ledger.get.side_effect = LedgerUnavailable("the ledger's table answered 503")
    assert shared._started(start_request()) is None
    assert f"ledger_not_asked requestId={REQUEST_ID}" in caplog.text
