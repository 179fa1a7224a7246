"""The limits of a run of the recovery timer over many jobs."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from trials.follow.run import Result, Size, verdicts

SIZE = Size(jobs=3, latency_seconds=0.05, within_seconds=100)


def failures(**changes: Any) -> list[str]:
    good: dict[str, Any] = {"size": SIZE, "seconds": 60.0, "told": Counter("abc"), "reads": (1.0, 2.0, 3.0)}
    return [sentence for is_good, sentence in verdicts(Result(**{**good, **changes})) if not is_good]


def test_a_good_run_has_no_failure() -> None:
    assert failures() == []


@pytest.mark.parametrize(
    ("changes", "failure"),
    [
        ({"seconds": 101.0}, "3 jobs in 101.0 s; at most 100 s are allowed"),
        ({"told": Counter("ab")}, "2 of 3 fates were reported"),
        ({"told": Counter("aabc")}, "1 were reported twice"),
        ({"reads": (0.0,) * 3501}, "3501 reads within 10 s at most; Graph accepts 3500"),
    ],
)
def test_what_fails_is_named(changes: dict[str, Any], failure: str) -> None:
    assert failures(**changes) == [failure]


def test_reads_are_counted_within_any_ten_seconds() -> None:
    reads = (0.0, 6.0, 9.0, 14.0, 30.0)
    assert Result(size=SIZE, seconds=1.0, told=Counter(), reads=reads).most_reads == 3
