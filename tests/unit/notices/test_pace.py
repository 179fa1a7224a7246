"""How fast a target is called."""

from __future__ import annotations

import pytest

from shared.errors import TargetUnavailable
from shared.notices.targets.pace import LONGEST_WAIT, Pace


def test_calls_keep_the_gap_and_a_target_that_asks_for_rest_gets_it() -> None:
    now = [100.0]
    slept: list[float] = []
    pace = Pace(1.0, clock=lambda: now[0], sleep=slept.append)
    for _ in range(3):
        pace.wait()
    assert slept == [1.0, 2.0]
    now[0] = 110.0
    pace.hold(5.0)
    pace.wait()
    assert slept == [1.0, 2.0, 5.0]


def test_a_turn_that_is_too_far_off_puts_the_notice_back() -> None:
    pace = Pace(1.0, clock=lambda: 0.0, sleep=lambda _: None)
    pace.hold(LONGEST_WAIT + 1)
    with pytest.raises(TargetUnavailable) as caught:
        pace.wait()
    assert (caught.value.retry_after, caught.value.may_have_worked) == (LONGEST_WAIT + 1, False)
