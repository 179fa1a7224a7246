"""The links that are tried by a call, and what is advised where one fails."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import AppError, GraphUnavailable, LedgerUnavailable, QueueUnavailable, TokenUnavailable
from shared.health.check import Check, State
from shared.health.links import Links, told_of
from shared.settings import Settings
from shared.waiting.requests_queue import Oldest


class Queue:
    """A queue with that oldest request and that many messages."""

    def __init__(self, oldest: Oldest | None, count: int) -> None:
        self._oldest = oldest
        self._count = count

    def oldest(self) -> Oldest | None:
        return self._oldest

    def count(self) -> int:
        return self._count


def queues(monkeypatch: pytest.MonkeyPatch, oldest: Oldest | None, count: int = 3) -> Check:
    def of(_settings: Settings, _environment: Any, _identity: Any, name: str) -> Queue:
        assert name == "start-requests"
        return Queue(oldest, count)

    monkeypatch.setattr("shared.health.links.RequestsQueue.of", of)
    return Links(Settings(), {}).queues()


def test_hidden_messages_on_the_queue_wait_for_their_time_and_for_no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    check = queues(monkeypatch, None)
    assert check.state is State.OK
    assert "No start request" in check.message
    assert check.to_json()["messages"] == 3


@pytest.mark.parametrize(("minutes", "state"), [(9, State.OK), (11, State.FAILING)])
def test_a_request_that_no_worker_takes_for_ten_minutes_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, minutes: int, state: State
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    check = queues(monkeypatch, Oldest("m-1", since))
    told = check.to_json()
    assert check.state is state
    assert minutes * 60 <= told["oldestSeconds"] < minutes * 60 + 60
    assert f"waited for a worker for {told['oldestSeconds']} s." in check.message
    assert ("restart the app" in str(check.advice)) is (state is State.FAILING)


def test_a_clock_that_is_ahead_makes_no_wait_below_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    check = queues(monkeypatch, Oldest("m-1", datetime.now(UTC) + timedelta(minutes=2)))
    assert check.to_json()["oldestSeconds"] == 0


@pytest.mark.parametrize(
    ("name", "error", "advice"),
    [
        ("queues", QueueUnavailable("the queue x answers nothing: 404 QueueNotFound"), "START_REQUESTS_QUEUE"),
        ("queues", QueueUnavailable("the queue x shows nothing: 403 AuthorizationFailure"), "firewall"),
        ("queues", QueueUnavailable("the queue x shows nothing: 403 Forbidden"), "Storage Queue Data Contributor"),
        ("queues", QueueUnavailable("the queue x shows nothing: ServiceRequestError"), "see Azure status"),
        ("graph", GraphUnavailable("list answered 503"), "service health"),
        ("ledger", LedgerUnavailable("the ledger's table answered 403 AuthorizationFailure"), "firewall"),
        ("token", TokenUnavailable("the identity endpoint answered 400"), "AZURE_CLIENT_ID"),
    ],
)
def test_each_fault_comes_with_what_to_do(name: str, error: AppError, advice: str) -> None:
    check = told_of(name, error)
    assert (check.name, check.state) == (name, State.FAILING)
    assert check.message[0].isupper()
    assert check.message.endswith(".")
    assert advice in str(check.advice)


def test_a_fault_that_nobody_knows_has_no_advice() -> None:
    check = told_of("queues", TokenUnavailable("the check failed: KeyError."))
    assert (check.message, check.advice) == ("The check failed: KeyError.", None)
