"""Many GETs to Graph, in concurrent batches with a limited rate, and with retries until a run's time is over."""

from __future__ import annotations

import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.errors import GraphRefused, GraphUnavailable, ServiceAway
from shared.graph.batch import LARGEST_BATCH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from shared.graph.batch import Answered

LANES = 3
"""How many batches are in progress at once."""

PACE = 0.5
"""Seconds between two batches of a lane. All lanes together make at most about 100 calls per second."""

MOST_TRIES = 3
"""How often a call is tried in one run. Throttled tries, and those with a Retry-After, do not count."""

type Answer = dict[str, Any] | GraphRefused


class Time(NamedTuple):
    """The time that a run has left. `until` is in seconds since 1970."""

    until: float
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def of(cls, seconds: float) -> Time:
        """So many seconds from now."""
        return cls(time.time() + seconds)

    @property
    def is_over(self) -> bool:
        """Whether the time is over, so that no further call may begin."""
        return self.clock() >= self.until

    def wait(self, until: float) -> bool:
        """Wait until then. Returns False, without waiting, if the run's time is over by then."""
        if until >= self.until:
            return False
        self.sleep(max(0.0, until - self.clock()))
        return True


def ask(get_all: Callable[[Sequence[str]], list[Answered]], paths: Iterable[str], left: Time) -> dict[str, Answer]:
    """The answers by path. Paths without an answer in time are absent.

    `get_all` makes the calls for up to 20 paths. Its errors are raised, except for GraphUnavailable and ServiceAway.
    """
    questions = _Questions(get_all, paths, left)
    lanes = min(LANES, -(-questions.count // LARGEST_BATCH))
    if lanes <= 1:
        questions.work()
    else:
        with ThreadPoolExecutor(lanes, thread_name_prefix="watch") as pool:
            for lane in [pool.submit(questions.work) for _ in range(lanes)]:
                lane.result()
    return questions.answers


class _Questions:
    """The open calls and the answers so far. Several threads work on them."""

    def __init__(self, get_all: Callable[[Sequence[str]], list[Answered]], paths: Iterable[str], left: Time) -> None:
        self._get_all = get_all
        self._left = left
        self._open = deque(dict.fromkeys(paths))
        self._tries: Counter[str] = Counter()
        self._lock = Lock()
        self.count = len(self._open)
        self.answers: dict[str, Answer] = {}

    def work(self) -> None:
        """Make calls until none is open, or the time is over."""
        while not self._left.is_over and (paths := self._take()):
            try:
                came = self._get_all(paths)
            except ServiceAway as away:
                self._again(paths)
                if not self._left.wait(away.until):
                    return
                continue
            except GraphUnavailable as fault:
                came = [fault] * len(paths)
            except BaseException:
                self._again(paths)
                raise
            self._sort(paths, came)
            if not self._open or not self._left.wait(self._left.clock() + PACE):
                return

    def _take(self) -> list[str]:
        with self._lock:
            return [self._open.popleft() for _ in range(min(LARGEST_BATCH, len(self._open)))]

    def _again(self, paths: Iterable[str]) -> None:
        with self._lock:
            self._open.extend(paths)

    def _sort(self, paths: Iterable[str], came: Iterable[Answered]) -> None:
        with self._lock:
            for path, answer in zip(paths, came, strict=True):
                if not isinstance(answer, GraphUnavailable):
                    self.answers[path] = answer
                    continue
                self._tries[path] += not (answer.throttled or answer.retry_after)
                if self._tries[path] < MOST_TRIES:
                    self._open.append(path)


def patiently[T](call: Callable[[], T], left: Time) -> T:
    """The result of a single call, with the same retries as in a batch. Raises the error of the last try."""
    tries = 0
    while True:
        try:
            return call()
        except ServiceAway as away:
            if not left.wait(away.until):
                raise
        except GraphUnavailable as fault:
            tries += not (fault.throttled or fault.retry_after)
            if tries >= MOST_TRIES or not left.wait(left.clock() + PACE):
                raise
