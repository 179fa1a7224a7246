"""When a request is tried again, when a person is told, and when it is given up."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from shared.outcome import Reason
from shared.waiting.gate import Away, ServiceSeen
from shared.waiting.message import Waiting
from shared.waiting.obstacle import Obstacle
from shared.waiting.patience import decide
from tests.examples import WHEN

if TYPE_CHECKING:
    from shared.waiting.patience import Decision

DAY = timedelta(hours=24)
OUTAGE = Obstacle(Reason.GRAPH_UNAVAILABLE, "read answered 503")
NOT_FOUND = Obstacle(Reason.GRAPH_UNAVAILABLE, "404", refusal=Reason.NOT_FOUND, is_told=False)
BAD_REQUEST = NOT_FOUND._replace(refusal=Reason.BAD_REQUEST)


def tries(obstacle: Obstacle, *, patience: timedelta = DAY) -> list[tuple[timedelta, Decision]]:
    """The time of each attempt after the first one, and its decision."""
    waiting, now, made = Waiting(since=WHEN), WHEN, []
    while True:
        decision = decide(waiting, obstacle, None, now, patience)
        made.append((now - WHEN, decision))
        if decision.gap is None:
            return made
        waiting, now = decision.waiting, now + decision.gap


def test_the_gaps_of_an_outage_grow_to_a_quarter_of_an_hour() -> None:
    made = tries(OUTAGE)
    gaps = [decision.gap.total_seconds() for _, decision in made if decision.gap is not None]
    assert 38 <= gaps[0] <= 45
    assert 102 <= gaps[1] <= 120
    assert all(765 <= gap <= 900 for gap in gaps[6:-1])
    assert (made[-1][0], made[-1][1].gap) == (DAY, None)


def test_a_person_is_told_once_and_after_five_minutes() -> None:
    told = [at for at, decision in tries(OUTAGE) if decision.tells]
    assert told == [timedelta(minutes=5)]


def test_a_wait_of_an_hour_is_told_after_five_minutes_too() -> None:
    hour = OUTAGE._replace(not_before=WHEN + timedelta(hours=1))
    first, second = [decide(Waiting(since=WHEN), hour, None, WHEN + timedelta(minutes=m), DAY) for m in (0, 5)]
    assert (first.gap, first.tells) == (timedelta(minutes=5), False)
    assert second.tells
    assert second.gap is not None
    assert timedelta(minutes=55) <= second.gap <= timedelta(minutes=57)


def test_a_refusal_is_reported_only_after_ten_minutes() -> None:
    made = tries(NOT_FOUND)
    assert made[-1][0] == timedelta(minutes=10)
    assert not any(decision.tells for _, decision in made)
    assert 4 <= len(made) <= 6


def test_another_refusal_starts_the_ten_minutes_again_but_an_outage_does_not() -> None:
    first = decide(Waiting(since=WHEN), NOT_FOUND, None, WHEN, DAY).waiting
    outage = decide(first, OUTAGE, None, WHEN + timedelta(minutes=6), DAY).waiting
    ten = WHEN + timedelta(minutes=10)
    assert decide(outage, NOT_FOUND, None, ten, DAY).gap is None
    assert decide(outage, BAD_REQUEST, None, ten, DAY).gap is not None


def test_a_request_comes_back_shortly_after_its_service_may_be_tried() -> None:
    away = ServiceSeen("Microsoft Graph", Away((WHEN + timedelta(minutes=12)).timestamp(), WHEN.timestamp(), 5))
    told = Waiting(since=WHEN - timedelta(hours=1), told=True)
    gaps = [decide(told, OUTAGE, away, WHEN, DAY).gap for _ in range(100)]
    assert all(gap is not None and timedelta(minutes=12) <= gap <= timedelta(minutes=13, seconds=3) for gap in gaps)
    assert len(set(gaps)) > 90


@pytest.mark.parametrize("patience", [timedelta(seconds=4), timedelta(minutes=2), timedelta(hours=144)])
def test_the_patience_of_the_setting_is_respected(patience: timedelta) -> None:
    made = tries(OUTAGE, patience=patience)
    assert patience <= made[-1][0] <= patience + timedelta(seconds=1)
    assert sum(decision.tells for _, decision in made) == 1
    assert len(made) > 3
