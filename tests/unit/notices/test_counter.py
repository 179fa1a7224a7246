"""The counter: a target that hangs takes few threads, and one that is down gets few calls."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from threading import Barrier, BoundedSemaphore, Event, Thread
from typing import TYPE_CHECKING

from local.targets.vendor import Reply
from shared.notices.counter import MOST_AT_ONCE, NO_PLACE, Counter
from shared.notices.notice import Notice
from shared.notices.target import Target
from shared.notices.targets.client import TargetClient
from tests.unit.notices.setup import both, outgoing

if TYPE_CHECKING:
    import pytest

    from shared.notices.targets.client import Outgoing


class Hanging(TargetClient):
    """A target that answers when it is allowed to."""

    def __init__(self) -> None:
        self.inside = Barrier(MOST_AT_ONCE + 1)
        self.goes_on = Event()

    def has(self, outgoing: Outgoing) -> bool:
        self.inside.wait(10)
        return self.goes_on.wait(10)

    def send(self, outgoing: Outgoing) -> None:
        raise AssertionError("it has it")


def notice(number: int) -> tuple[Notice, Outgoing]:
    found = outgoing(Target.JIRA, id=f"00000000-0000-5000-8000-{number:012}")
    return Notice(Target.JIRA, found.event), found


def test_a_target_that_hangs_takes_two_threads_and_the_rest_wait_on_the_queue() -> None:
    client = Hanging()
    counter = Counter(Target.JIRA, client, BoundedSemaphore(8))
    threads = [Thread(target=counter.serve, args=notice(number), kwargs={"dequeue_count": 1}) for number in range(2)]
    for thread in threads:
        thread.start()
    client.inside.wait(10)
    for number in range(2, 40):
        again = counter.serve(*notice(number), dequeue_count=1)
        assert again is not None
        assert NO_PLACE[0] <= again.seconds <= NO_PLACE[1]
        assert again.notice.tries == 0
    client.goes_on.set()
    for thread in threads:
        thread.join(10)


def test_a_target_that_is_away_is_tried_by_one_notice_and_not_by_each() -> None:
    parts = both(Target.JIRA)
    counter = Counter(Target.JIRA, parts.client, BoundedSemaphore(8))
    parts.wire.replies = [Reply(503)] * 40
    waits = [counter.serve(*notice(number), dequeue_count=1) for number in range(40)]
    assert all(waits)
    assert len(parts.wire.requests) == 2


def test_a_notice_that_waits_behind_others_is_given_up_in_the_end_too(
    caplog: pytest.LogCaptureFixture,
) -> None:
    parts = both(Target.JIRA)
    counter = Counter(Target.JIRA, parts.client, BoundedSemaphore(8))
    parts.wire.replies = [Reply(503)] * 2
    for number in range(2):
        counter.serve(*notice(number), dequeue_count=1)
    old, found = notice(3)
    old = replace(old, first_tried=datetime(2026, 1, 1, tzinfo=UTC))
    assert counter.serve(old, found, dequeue_count=1) is None
    assert "notice_given_up target=jira" in caplog.text


def test_all_targets_together_get_no_more_places_than_there_are() -> None:
    in_all = BoundedSemaphore(1)
    counter = Counter(Target.JIRA, both(Target.JIRA).client, in_all)
    with in_all:
        assert counter.serve(*notice(1), dequeue_count=1) is not None
    assert counter.serve(*notice(1), dequeue_count=1) is None
