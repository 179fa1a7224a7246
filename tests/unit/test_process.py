"""What the threads of a process share."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest

from shared import process
from shared.configuration import configuration
from shared.inbox import Inbox

if TYPE_CHECKING:
    from collections.abc import Iterator


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
