"""Parallel calls: each is repeated until it is answered, but not beyond the time limit."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING

import pytest

from shared.errors import GraphRefused, GraphUnavailable, ServiceAway
from shared.watching.questions import LANES, MOST_TRIES, Time, ask, patiently
from tests.unit.watching.tenant import FORBIDDEN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.graph.batch import Answered


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self._lock = Lock()

    def time(self, seconds: float) -> Time:
        return Time(self.now + seconds, lambda: self.now, self.sleep)

    def sleep(self, seconds: float) -> None:
        with self._lock:
            self.now += seconds


PATHS = [str(number) for number in range(100)]


def each(answer: Callable[[str], Answered]) -> Callable[[Sequence[str]], list[Answered]]:
    return lambda paths: [answer(path) for path in paths]


def test_every_call_is_made_once() -> None:
    made: list[str] = []

    def answer(path: str) -> Answered:
        made.append(path)
        return {"path": path}

    answers = ask(each(answer), [*PATHS, "7"], Clock().time(100))
    assert sorted(made) == sorted(PATHS)
    assert answers == {path: {"path": path} for path in PATHS}


def test_nothing_to_ask_asks_nothing() -> None:
    assert ask(each(lambda _: pytest.fail("asked")), [], Clock().time(1)) == {}


def test_throttled_calls_are_made_again_however_often() -> None:
    left = dict.fromkeys(PATHS, 2 * MOST_TRIES)

    def answer(path: str) -> Answered:
        left[path] -= 1
        return GraphUnavailable("429", throttled=True, retry_after=1) if left[path] >= 0 else {}

    assert ask(each(answer), PATHS, Clock().time(1000)).keys() == set(PATHS)


def test_call_that_never_gets_an_answer_is_left() -> None:
    tries: list[str] = []

    def answer(path: str) -> Answered:
        if path != "50":
            return {}
        tries.append(path)
        return GraphUnavailable("500")

    assert PATHS.index("50") == 50
    assert ask(each(answer), PATHS, Clock().time(1000)).keys() == set(PATHS) - {"50"}
    assert len(tries) == MOST_TRIES


def test_refusal_is_an_answer() -> None:
    answers = ask(each(lambda _: FORBIDDEN), ["a"], Clock().time(1))
    assert isinstance(answers["a"], GraphRefused)


def test_whole_batch_without_an_answer_is_made_again() -> None:
    faults = [GraphUnavailable("504"), ServiceAway("Microsoft Graph", "x", until=1010.0)]

    def get_all(paths: Sequence[str]) -> list[Answered]:
        if faults:
            raise faults.pop()
        return [{} for _ in paths]

    clock = Clock()
    assert ask(get_all, PATHS[:20], clock.time(100)).keys() == set(PATHS[:20])
    assert clock.now >= 1010


def test_time_that_is_over_ends_it() -> None:
    clock = Clock()

    def get_all(paths: Sequence[str]) -> list[Answered]:
        clock.sleep(1.0)
        return [{} for _ in paths]

    answers = ask(get_all, map(str, range(1000)), clock.time(5))
    assert 20 <= len(answers) <= 20 * (5 + LANES)
    assert clock.now <= 1005 + LANES


def test_service_that_is_away_for_longer_is_not_waited_for() -> None:
    def away(_: Sequence[str]) -> list[Answered]:
        raise ServiceAway("Microsoft Graph", "x", until=5000.0)

    clock = Clock()
    assert ask(away, PATHS, clock.time(100)) == {}
    assert clock.now == 1000


def test_single_call_is_patient_too() -> None:
    faults = [GraphUnavailable("500"), ServiceAway("Microsoft Graph", "x", until=1010.0)]

    def call() -> str:
        if faults:
            raise faults.pop()
        return "page"

    clock = Clock()
    assert patiently(call, clock.time(100)) == "page"
    assert clock.now >= 1010

    def never() -> str:
        raise GraphUnavailable("500")

    with pytest.raises(GraphUnavailable):
        patiently(never, clock.time(100))
