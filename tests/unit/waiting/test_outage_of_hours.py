"""Eight hours without Graph, with the default gaps, on a clock that runs ahead: nothing is lost, and calls are few.

The inbox, the start, Graph's client and the gates are the app's own. Several instances share the queue.
"""

from __future__ import annotations

import heapq
import json
import random
import re
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import BaseAdapter

from shared.errors import TokenUnavailable
from shared.graph.client import Graph, new_session
from shared.inbox import Delivery, Inbox, Work
from shared.settings import Settings
from shared.starting.retry import RetryPolicy
from shared.starting.start_job import start_job
from shared.waiting.services import Services
from tests.examples import WHEN, check_event, graph_error, job_json
from tests.unit.fake_ledger import FakeLedger
from tests.unit.scripted_transport import CountedTokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.request.start_request import StartRequest
    from shared.starting.ending import Ending

type Answer = tuple[int, Any, dict[str, str]]

PRINCIPAL = "00000000-0000-4000-8000-{:012d}"
HOUR = timedelta(hours=1)


@dataclass
class World:
    """The time, the queue, and a Graph that answers by a plan of the time since the beginning."""

    plan: Callable[[timedelta, str], Answer | None]
    """The answer to a call with that method, or None for Graph's usual answer."""
    now: Any = WHEN
    calls: list[tuple[timedelta, str]] = field(default_factory=list)
    started: set[str] = field(default_factory=set)
    events: list[tuple[timedelta, dict[str, Any]]] = field(default_factory=list)
    instances: int = 4
    token_fault: Callable[[timedelta], str | None] = lambda _: None

    def __post_init__(self) -> None:
        self._queue: list[tuple[Any, int, str]] = []
        self._numbers = count()
        self._instances = [self._instance() for _ in range(self.instances)]

    @property
    def passed(self) -> timedelta:
        elapsed: timedelta = self.now - WHEN
        return elapsed

    def put(self, text: str, gap: timedelta = timedelta(0)) -> None:
        heapq.heappush(self._queue, (self.now + gap, next(self._numbers), text))

    def run(self) -> None:
        """Deliver visible messages to random instances until none is left."""
        while self._queue:
            visible, _, text = heapq.heappop(self._queue)
            self.now = max(self.now, visible)
            delivery = Delivery(text.encode(), f"message-{next(self._numbers)}", visible)
            handled = random.choice(self._instances).handle(delivery)  # noqa: S311 - not security-relevant
            self.events += ((self.passed, check_event(event.to_json())) for event in handled.events)

    def of(self, outcome: str) -> list[tuple[timedelta, dict[str, Any]]]:
        return [(at, event["data"]) for at, event in self.events if event["data"]["outcome"] == outcome]

    def calls_before(self, end: timedelta) -> int:
        return sum(at < end for at, _ in self.calls)

    def answer(self, request: requests.PreparedRequest) -> Answer:
        method, url = str(request.method), str(request.url)
        self.calls.append((self.passed, method))
        planned = self.plan(self.passed, method)
        if planned is not None:
            return planned
        (principal,) = re.findall(r"servicePrincipals/([^/]+)/", url)
        if method == "POST":
            self.started.add(principal)
            return 204, None, {}
        return 200, job_json("Active" if principal in self.started else "Quarantine"), {}

    def _timestamp(self) -> float:
        return float(self.now.timestamp())

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def _instance(self) -> Inbox:
        settings, ledger = Settings(), FakeLedger()
        services = Services(clock=self._timestamp, longest_wait=0)
        session = new_session(settings)
        session.mount("https://", _Transport(self))

        def start(request: StartRequest, graph: Graph, message_id: str) -> Ending:
            retry = RetryPolicy(sleep=self._sleep)
            return start_job(request, graph, settings, ledger, message_id=message_id, retry=retry)

        def new_graph(request_id: str) -> Graph:
            return Graph(settings, session, _Tokens(self), services.graph, request_id)

        work = Work(new_graph, start, self.put, lambda _: None)
        return Inbox(settings, work, services, clock=lambda: self.now)


@dataclass
class _Tokens(CountedTokens):
    world: World | None = None

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world

    def get(self) -> str:
        assert self.world is not None
        fault = self.world.token_fault(self.world.passed)
        if fault is not None:
            raise TokenUnavailable(fault)
        return super().get()


class _Transport(BaseAdapter):
    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        status, body, headers = self._world.answer(request)
        response = requests.Response()
        response.status_code, response.request, response.url = status, request, str(request.url)
        response._content = b"" if body is None else json.dumps(body).encode()
        response.headers.update(headers)
        return response

    def close(self) -> None:
        """Do nothing."""


def ask(world: World, number: int) -> None:
    request = {"requestId": f"11111111-0000-4000-8000-{number:012d}", "jobId": "job"}
    world.put(json.dumps({**request, "servicePrincipalId": PRINCIPAL.format(number)}))


def all_wait_and_are_started(world: World, requests_: Iterable[int], end: timedelta) -> None:
    """Each request has one delayed event, then started, the last at most 20 minutes after `end`."""
    wanted = {f"11111111-0000-4000-8000-{number:012d}" for number in requests_}
    for outcome in ("delayed", "started"):
        told = [data["requestId"] for _, data in world.of(outcome)]
        assert sorted(told) == sorted(wanted), outcome
    assert max(at for at, _ in world.of("started")) <= end + timedelta(minutes=20)
    assert len(world.events) == 2 * len(wanted)


@pytest.mark.parametrize("seed", range(3))
def test_eight_hours_of_503_and_then_429_are_outlasted_with_hardly_a_call(seed: int) -> None:
    random.seed(seed)

    def plan(passed: timedelta, _: str) -> Answer | None:
        if passed < 4 * HOUR:
            return 503, graph_error("UnknownError"), {}
        return (429, graph_error("TooManyRequests"), {"Retry-After": "600"}) if passed < 8 * HOUR else None

    world = World(plan)
    for number in range(200):
        ask(world, number)
    world.run()

    all_wait_and_are_started(world, range(200), 8 * HOUR)
    assert world.calls_before(8 * HOUR) <= 300
    assert max(at for at, _ in world.of("delayed")) <= timedelta(minutes=6)
    assert {data["reason"] for _, data in world.of("delayed")} == {"graph_unavailable"}


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [(401, "UnknownError", "permission_awaited"), (403, "Authorization_RequestDenied", "permission_awaited")],
)
def test_a_permission_that_is_granted_after_an_hour_starts_what_waits(status: int, error: str, reason: str) -> None:
    world = World(lambda passed, _: (status, graph_error(error), {}) if passed < HOUR else None)
    ask(world, 1)
    world.run()

    all_wait_and_are_started(world, [1], HOUR)
    ((at, data),) = world.of("delayed")
    assert (data["reason"], at <= timedelta(minutes=6)) == (reason, True)
    assert f"{status} {error}" in data["message"]
    assert "Grant the app's identity" in data["advice"]


def test_an_identity_that_is_missing_for_ten_minutes_is_told_and_waited_for() -> None:
    words = "the identity endpoint answered 400 No User Assigned or Delegated Managed Identity found"
    world = World(lambda *_: None)
    world.token_fault = lambda passed: words if passed < timedelta(minutes=10) else None
    ask(world, 1)
    world.run()

    all_wait_and_are_started(world, [1], timedelta(minutes=10))
    ((at, data),) = world.of("delayed")
    assert (data["reason"], at <= timedelta(minutes=6)) == ("token_unavailable", True)
    assert words in data["message"]
    assert "AZURE_CLIENT_ID" in data["advice"]


def test_signing_keys_that_are_invalid_for_two_hours_are_outlasted() -> None:
    fault = graph_error("InvalidAuthenticationToken", "Signing key is invalid.")
    world = World(lambda passed, _: (401, fault, {}) if passed < 2 * HOUR else None)
    for number in range(20):
        ask(world, number)
    world.run()

    all_wait_and_are_started(world, range(20), 2 * HOUR)
    assert {data["reason"] for _, data in world.of("delayed")} == {"token_refused"}
    assert "Signing key is invalid" in world.of("delayed")[0][1]["message"]


def test_each_growing_wait_is_completed() -> None:
    waits = iter(["41", "315", "3600"])
    asked: list[timedelta] = []

    def plan(passed: timedelta, _: str) -> Answer | None:
        wait = next(waits, None)
        if wait is None:
            return None
        asked.append(passed + timedelta(seconds=int(wait)))
        return 429, graph_error("activityLimitReached"), {"Retry-After": wait}

    world = World(plan, instances=1)
    for number in range(5):
        ask(world, number)
    world.run()

    all_wait_and_are_started(world, range(5), asked[-1])
    later = [at for at, _ in world.calls][1:]
    assert all(call >= end for call, end in zip(later[:3], asked, strict=True))
