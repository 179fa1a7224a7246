"""While a service is down, one call tries it and all others wait without calling."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest

from shared.errors import GraphUnavailable, ServiceAway, TokenUnavailable
from shared.waiting.gate import PAUSES, Away, Gate, Ticket
from shared.waiting.services import GRAPH, GRAPH_STARTS, IDENTITY, Services

ONE, OTHER = "one request", "another request"


@dataclass
class Clock:
    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def gate(clock: Clock) -> Gate:
    return Gate("Graph", clock=clock, longest_wait=0)


def fail(gate: Gate, who: object = ONE, **told: object) -> None:
    gate.failed(gate.enter(who), "503", **told)  # type: ignore[arg-type]


def close(gate: Gate) -> None:
    fail(gate, ONE)
    fail(gate, OTHER)


def is_away(gate: Gate) -> bool:
    return gate.away is not None


def test_the_faults_of_one_request_keep_no_other_from_calling(gate: Gate) -> None:
    for _ in range(5):
        fail(gate, ONE)
    assert not is_away(gate)


def test_success_in_between_ends_the_suspicion(gate: Gate) -> None:
    fail(gate, ONE)
    gate.answered(gate.enter(OTHER))
    fail(gate, OTHER)
    assert not is_away(gate)


def test_two_requests_that_fail_one_after_the_other_say_that_it_is_away(gate: Gate) -> None:
    close(gate)
    with pytest.raises(ServiceAway, match=r"503 .*Graph is not called before"):
        gate.enter(ONE)


@pytest.mark.parametrize("told", [{"throttled": True}, {"retry_after": 17.0}, {"sure": True}])
def test_fault_that_affects_all_jobs_counts_at_once(gate: Gate, told: dict[str, object]) -> None:
    fail(gate, ONE, **told)
    assert is_away(gate)


def test_retry_after_is_the_least_that_is_waited(gate: Gate, clock: Clock) -> None:
    fail(gate, ONE, throttled=True, retry_after=120.0)
    clock.now += 119
    with pytest.raises(ServiceAway):
        gate.enter(OTHER)
    clock.now += 2
    assert gate.enter(OTHER).tries


def test_a_longer_time_asked_of_a_call_under_way_counts(gate: Gate, clock: Clock) -> None:
    under_way = gate.enter(OTHER)
    fail(gate, ONE, throttled=True, retry_after=41.0)
    gate.failed(under_way, "429", throttled=True, retry_after=315.0)
    clock.now += 300
    with pytest.raises(ServiceAway):
        gate.enter(ONE)


def test_one_call_tries_and_its_answer_lets_all_in(gate: Gate, clock: Clock) -> None:
    close(gate)
    clock.now += 5
    tries = gate.enter(ONE)
    with pytest.raises(ServiceAway):
        gate.enter(OTHER)
    gate.answered(tries)
    assert [gate.enter(ONE).tries, gate.enter(OTHER).tries] == [False, False]


def test_success_of_an_earlier_call_does_not_end_the_outage(gate: Gate) -> None:
    under_way = gate.enter("third")
    close(gate)
    gate.answered(under_way)
    assert is_away(gate)


def test_a_call_that_was_not_made_leaves_its_turn_to_another(gate: Gate, clock: Clock) -> None:
    close(gate)
    clock.now += 5
    gate.dropped(gate.enter(ONE))
    assert gate.enter(OTHER).tries


def test_pauses_grow_to_a_quarter_of_an_hour(gate: Gate, clock: Clock) -> None:
    close(gate)
    pauses = []
    for _ in range(10):
        assert gate.away is not None
        pauses.append(gate.away.until - clock.now)
        clock.now = gate.away.until
        fail(gate)
    assert pauses == sorted(pauses) or max(pauses) <= 900
    assert 4 < pauses[0] <= 5
    assert 38 <= pauses[2] <= 45
    assert 765 <= pauses[-1] <= 900


def test_a_fault_after_much_throttling_is_the_first_of_its_kind(gate: Gate, clock: Clock) -> None:
    def until() -> float:
        assert gate.away is not None
        return gate.away.until

    for _ in range(6):
        fail(gate, ONE, throttled=True)
        clock.now = until() + 1
    fail(gate, ONE)
    assert until() - clock.now <= PAUSES[0]


def test_longest_pause_limits_all_pauses(clock: Clock) -> None:
    gate = Gate("Graph", clock=clock, longest_wait=0, longest_pause=2.0)
    close(gate)
    for _ in range(5):
        assert gate.away is not None
        assert gate.away.until - clock.now <= 2
        clock.now = gate.away.until
        fail(gate)


@pytest.mark.parametrize("lasts", [10.0, 93.0, 3600.0])
def test_throttling_that_names_no_time_is_outlasted_by_a_quarter_at_most(
    gate: Gate, clock: Clock, lasts: float
) -> None:
    began = clock.now
    fail(gate, ONE, throttled=True)
    calls = 0
    while clock.now < began + lasts:
        assert gate.away is not None
        clock.now = gate.away.until
        calls += 1
        if clock.now < began + lasts:
            fail(gate, ONE, throttled=True)
    assert clock.now <= began + max(lasts * 1.25, lasts + 1)
    assert calls < 50


def test_after_throttling_fewer_calls_are_under_way_and_then_more_again(gate: Gate, clock: Clock) -> None:
    under_way = [gate.enter(number) for number in range(8)]
    gate.failed(under_way.pop(), "429", throttled=True)
    for ticket in under_way:
        gate.answered(ticket)
    clock.now += 1
    gate.answered(gate.enter(ONE))

    def room() -> int:
        tickets: list[Ticket] = []
        try:
            while True:
                tickets.append(gate.enter(ONE))
        except ServiceAway:
            for ticket in tickets:
                gate.dropped(ticket)
        return len(tickets)

    first = room()
    assert first < 8
    for _ in range(50):
        gate.answered(gate.enter(ONE))
    assert room() > first


def test_threads_wait_a_moment_for_the_one_that_tries() -> None:
    gate = Gate("Graph", longest_wait=10)
    fail(gate, ONE, throttled=True)
    answers = []

    def call() -> None:
        ticket = gate.enter(ONE)
        answers.append(ticket.tries)
        time.sleep(0.02)
        gate.answered(ticket)

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert (answers[0], sorted(answers)) == (True, [False] * 7 + [True])


def test_a_cause_that_another_instance_told_has_one_time(gate: Gate, clock: Clock) -> None:
    told = str(ServiceAway("Graph", "503", until=clock.now + 60))
    gate.learn(Away(clock.now + 90, clock.now, 1), seen_at=clock.now, error=told)
    with pytest.raises(ServiceAway) as caught:
        gate.enter(ONE)
    assert str(caught.value).count("is not called before") == 1


def test_another_instance_learns_of_the_outage(gate: Gate, clock: Clock) -> None:
    gate.learn(Away(clock.now + 600, clock.now - 60, 4), seen_at=clock.now - 1, error="503")
    with pytest.raises(ServiceAway):
        gate.enter(ONE)
    clock.now += 601
    fail(gate)
    assert gate.away is not None
    assert gate.away.until - clock.now > 120, "the pauses continue where they were"


def test_instance_with_a_later_answer_ignores_the_outage(gate: Gate, clock: Clock) -> None:
    gate.answered(gate.enter(ONE))
    gate.learn(Away(clock.now + 600, clock.now - 60, 4), seen_at=clock.now - 1, error="503")
    assert not is_away(gate)


def test_graphs_throttled_starts_are_tried_by_a_start(clock: Clock) -> None:
    services = Services(clock=clock, longest_wait=0)
    throttled = GraphUnavailable("429", throttled=True, retry_after=10.0)
    services.graph.enter("start", ONE).failed(throttled)
    with pytest.raises(ServiceAway):
        services.graph.enter("read", ONE)
    clock.now += 11
    services.graph.enter("read", ONE).answered()
    assert (services.seen_away(GRAPH), services.seen_away(GRAPH_STARTS) is None) == (None, False)
    services.graph.enter("start", ONE).answered()
    assert services.seen_away(GRAPH_STARTS) is None


def test_error_of_one_job_says_nothing_about_graph(clock: Clock) -> None:
    services = Services(clock=clock, longest_wait=0)
    for who in (ONE, OTHER):
        services.graph.enter("read", who).failed(GraphUnavailable("409", one_resource=True))
    assert services.seen_away(GRAPH) is None


def test_one_token_failure_counts_for_all_requests(clock: Clock) -> None:
    services = Services(clock=clock, longest_wait=0)
    services.identity.enter("token", ONE).failed(TokenUnavailable("500"))
    assert services.seen_away(IDENTITY) is not None


def test_a_service_that_this_version_does_not_know_keeps_nobody_from_calling(clock: Clock) -> None:
    services = Services(clock=clock, longest_wait=0)
    services.learn("Someday", Away(clock.now + 600, clock.now, 4), seen_at=clock.now, error="503")
    assert services.seen_away("Someday") is None
    services.graph.enter("read", ONE).answered()


def test_a_start_that_may_not_be_sent_leaves_the_turn_to_try_graph_to_another(clock: Clock) -> None:
    services = Services(clock=clock, longest_wait=0)
    services.learn(GRAPH, Away(clock.now + 60, clock.now, 1), seen_at=clock.now, error="503")
    services.learn(GRAPH_STARTS, Away(clock.now + 600, clock.now, 1), seen_at=clock.now, error="429")
    clock.now += 61
    with pytest.raises(ServiceAway, match=GRAPH_STARTS):
        services.graph.enter("start", ONE)
    services.graph.enter("read", OTHER).answered()
    assert services.seen_away(GRAPH) is None


def test_a_call_that_says_nothing_of_its_service_leaves_its_turn_to_another(clock: Clock) -> None:
    services = Services(clock=clock, longest_wait=0)
    services.learn(GRAPH, Away(clock.now + 60, clock.now, 1), seen_at=clock.now, error="503")
    clock.now += 61
    leave = services.graph.enter("read", ONE)
    with pytest.raises(ServiceAway):
        services.graph.enter("read", OTHER)
    leave.dropped()
    services.graph.enter("read", OTHER).answered()
    assert services.seen_away(GRAPH) is None
