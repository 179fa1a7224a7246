"""The start-requests queue as the app itself uses it: it puts waiting requests there, hidden, and sees old messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from azure.core.exceptions import HttpResponseError, ServiceRequestError

from shared.errors import QueueUnavailable
from shared.settings import Settings
from shared.waiting.message import Waiting, to_message
from shared.waiting.requests_queue import RequestsQueue
from shared.waiting.standing_still import look_at
from tests.examples import start_request
from tests.unit.open_gate import OpenGate

if TYPE_CHECKING:
    from collections.abc import Callable


class FakeQueue:
    """Replaces azure.storage.queue's QueueClient."""

    queue_name = "start-requests"

    def __init__(self, *messages: Any, fault: Exception | None = None) -> None:
        self.sent: list[dict[str, Any]] = []
        self._messages = messages
        self._fault = fault

    def send_message(self, text: str, **options: Any) -> None:
        if self._fault is not None:
            raise self._fault
        self.sent.append({"text": text, **options})

    def get_queue_properties(self) -> Any:
        if self._fault is not None:
            raise self._fault
        return SimpleNamespace(approximate_message_count=len(self._messages) or None)

    def peek_messages(self, most: int) -> list[Any]:
        if self._fault is not None:
            raise self._fault
        return list(self._messages[:most])


def message(minutes: float, *, content: str = "{}", deliveries: int = 0) -> Any:
    """A message that was put on the queue that many minutes ago."""
    inserted = datetime.now(UTC) - timedelta(minutes=minutes)
    return SimpleNamespace(id="m-1", content=content, inserted_on=inserted, dequeue_count=deliveries)


def waiting(visible_minutes_ago: float) -> str:
    now = datetime.now(UTC)
    return to_message(start_request(), Waiting(since=now, visible=now - timedelta(minutes=visible_minutes_ago)))


def logged(queue: FakeQueue, caplog: pytest.LogCaptureFixture) -> list[str]:
    look_at(RequestsQueue(queue))  # type: ignore[arg-type]
    return [record.getMessage().split()[0] for record in caplog.records]


@pytest.mark.parametrize(
    ("gap", "seconds"),
    [(timedelta(seconds=44.2), 45), (timedelta(minutes=15), 900), (timedelta(days=9), 7 * 86_400 - 60)],
)
def test_a_message_is_hidden_for_its_gap_and_never_expires(gap: timedelta, seconds: int) -> None:
    queue = FakeQueue()
    RequestsQueue(queue).put("text", gap)  # type: ignore[arg-type]
    assert queue.sent == [{"text": "text", "visibility_timeout": seconds, "time_to_live": -1}]


@pytest.mark.parametrize("fault", [ServiceRequestError("refused"), HttpResponseError("403")])
@pytest.mark.parametrize(
    "call",
    [
        lambda queue: queue.put("text", timedelta(1)),
        lambda queue: queue.send("text"),
        lambda queue: queue.oldest(),
        lambda queue: queue.count(),
    ],
    ids=["put", "send", "oldest", "count"],
)
def test_a_fault_of_the_queue_says_which(call: Callable[[RequestsQueue], object], fault: Exception) -> None:
    with pytest.raises(QueueUnavailable, match=f"start-requests .*{type(fault).__name__}"):
        call(RequestsQueue(FakeQueue(fault=fault)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "oldest",
    [
        pytest.param(lambda: message(9), id="for nine minutes"),
        pytest.param(lambda: message(600, content=waiting(5)), id="waited until five minutes ago"),
        pytest.param(lambda: message(15, deliveries=1), id="delivered before"),
    ],
)
def test_a_queue_that_moves_is_not_reported(oldest: Callable[[], Any], caplog: pytest.LogCaptureFixture) -> None:
    assert logged(FakeQueue(oldest()), caplog) == []
    assert logged(FakeQueue(), caplog) == []


@pytest.mark.parametrize(
    "oldest",
    [
        pytest.param(lambda: message(11), id="for eleven minutes"),
        pytest.param(lambda: message(600, content=waiting(12)), id="waited until twelve minutes ago"),
        pytest.param(lambda: message(25, deliveries=1), id="delivered once, long ago"),
    ],
)
def test_a_queue_that_does_not_move_is_logged_as_the_alert_expects(
    oldest: Callable[[], Any], caplog: pytest.LogCaptureFixture
) -> None:
    assert logged(FakeQueue(message(1), oldest()), caplog) == ["queue_stands_still"]
    assert caplog.records[0].levelname == "ERROR"


def test_a_queue_that_cannot_be_looked_at_ends_no_run_of_the_timer(caplog: pytest.LogCaptureFixture) -> None:
    assert logged(FakeQueue(fault=ServiceRequestError("x")), caplog) == ["queue_not_looked_at"]


def test_the_queue_is_the_one_of_the_settings() -> None:
    environment = {"Jobs__queueServiceUri": "https://contoso.queue.core.windows.net"}
    settings = Settings(queue_connection="Jobs", start_requests_queue="contoso-in")
    queue = RequestsQueue.of(settings, environment, OpenGate(), settings.start_requests_queue)
    assert queue._queue.url == "https://contoso.queue.core.windows.net/contoso-in"


@pytest.mark.parametrize("messages", [[], [message(1), message(2)]], ids=["none", "two"])
def test_messages_are_counted_also_where_the_service_names_no_number(messages: list[Any]) -> None:
    assert RequestsQueue(FakeQueue(*messages)).count() == len(messages)  # type: ignore[arg-type]
