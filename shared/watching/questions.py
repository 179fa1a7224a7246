"""Many GETs of Graph, in batches side by side: paced, and as patient as Graph asks, until a run's time is over."""

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
"""How many batches are under way at once."""

PACE = 0.5
"""Seconds between two batches of a lane: a hundred calls a second at most, all lanes together."""

MOST_TRIES = 3
"""How often a call is made in one run that gets no answer. Throttled ones don't count: they are made after it."""

type Answer = dict[str, Any] | GraphRefused


class Time(NamedTuple):
    """What a run has left. `until` is by the clock, in seconds since 1970."""

    until: float
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @classmethod
    def of(cls, seconds: float) -> Time:
        """So much from now on."""
        return cls(time.time() + seconds)

    @property
    def is_over(self) -> bool:
        """Whether nothing more is begun."""
        return self.clock() >= self.until

    def wait(self, until: float) -> bool:
        """Wait until then, if the time lasts for it; whether it does."""
        if until >= self.until:
            return False
        self.sleep(max(0.0, until - self.clock()))
        return True


def ask(get_all: Callable[[Sequence[str]], list[Answered]], paths: Iterable[str], left: Time) -> dict[str, Answer]:
    """What each path came to; one that got no answer in time is absent.

    `get_all` asks for up to 20 paths. Raises what it raises but for GraphUnavailable and ServiceAway.
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
    """What is still to be asked, and what was answered; worked on by several threads."""

    def __init__(self, get_all: Callable[[Sequence[str]], list[Answered]], paths: Iterable[str], left: Time) -> None:
        self._get_all = get_all
        self._left = left
        self._open = deque(dict.fromkeys(paths))
        self._tries: Counter[str] = Counter()
        self._lock = Lock()
        self.count = len(self._open)
        self.answers: dict[str, Answer] = {}

    def work(self) -> None:
        """Ask, until nothing is left to ask or no time to do it."""
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
    """What a single call gives; it is made again like those of a batch. Raises what its last try raised."""
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
