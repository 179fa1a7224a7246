"""The limit of writes, on a clock of the test."""

from __future__ import annotations

import pytest

from local.cloud import write_limit
from local.cloud.write_limit import WriteLimit, parse_limit


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(write_limit, "monotonic", clock)
    return clock


def limit(**fields: object) -> WriteLimit:
    limit = WriteLimit()
    limit.set(parse_limit({"writes": 2, "seconds": 10, **fields}))
    return limit


def test_caller_that_waits_is_accepted_again(clock: Clock) -> None:
    writes = limit(retryAfter="remaining")
    first = [writes.refuses() for _ in range(2)]
    clock.now += 4
    refused, wait = writes.refuses(), writes.retry_after
    clock.now += 10

    assert (first, refused, wait) == ([False, False], True, "6")
    assert not writes.refuses()


def test_caller_that_does_not_wait_stays_throttled(clock: Clock) -> None:
    writes = limit()
    answers = []
    for _ in range(20):
        clock.now += 4
        answers.append(writes.refuses())

    assert answers[:2] == [False, False]
    assert all(answers[2:])


def test_refused_writes_may_be_left_uncounted(clock: Clock) -> None:
    writes = limit(countsRefused=False)
    answers = []
    for _ in range(20):
        clock.now += 4
        answers.append(writes.refuses())

    assert answers.count(False) > len(answers) // 2


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        pytest.param({"seconds": 0}, "seconds", id="no window"),
        pytest.param({"writes": 0}, "writes", id="no writes"),
        pytest.param({"retryAfter": 3}, "retryAfter", id="wait as a number"),
        pytest.param({"countsRefused": "no"}, "countsRefused", id="a word for a boolean"),
        pytest.param({"reads": 3}, "reads", id="unknown property"),
        pytest.param(None, "must be an object", id="null"),
    ],
)
def test_limit_that_is_not_understood_is_refused(value: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_limit(value)
