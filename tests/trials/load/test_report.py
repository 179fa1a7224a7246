"""The report of a load run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trials.load.report import row, summary, verdicts
from trials.load.run import Part, Result, Size

MIB = 1024 * 1024
PART = Part(
    requests=100, lost=0, started=100, seconds=2.0, latencies=(0.1,) * 98 + (0.5, 0.9), cpu_seconds=0.8, memory=70 * MIB
)
SIZE = Size(requests=1000, jobs=100, in_flight=10)
LIMITED = Size(requests=1000, jobs=1000, in_flight=10, writes=200, window_seconds=5)


def result(*last: Part) -> Result:
    parts = (*[PART] * (10 - len(last)), *last)
    started = sum(part.started for part in parts)
    return Result(
        parts=parts, peak_memory=71 * MIB, calls=3000, refused=30, seconds=20, started=started, busy={"host": 0.7}
    )


def failures(tried: Result, size: Size = SIZE) -> list[str]:
    return [sentence for is_good, sentence in verdicts(tried, size) if not is_good]


def test_a_part_is_a_row_of_figures() -> None:
    assert row(1, PART).split() == ["1", "50.0", "100", "900", "8.00", "70.0"]


def test_the_summary_has_the_figures_of_the_whole() -> None:
    text = "\n".join(summary(result()))
    for figure in ("1000 requests in 20 s: 50.0 requests/s", "p50 100 ms, p99 900 ms", "71.0 MiB", "host 70%"):
        assert figure in text


def test_an_even_run_is_good() -> None:
    assert failures(result()) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"lost": 1}, "lost: 1", id="lost"),
        pytest.param({"memory": 78 * MIB}, "memory of the last tenth against the first: +11.4%", id="memory grows"),
        pytest.param(
            {"cpu_seconds": 1.1},
            "CPU time per event of the last three tenths against the first three: +37.5%",
            id="CPU time grows",
        ),
    ],
)
def test_a_run_that_loses_or_grows_is_not(changes: dict[str, Any], sentence: str) -> None:
    worse = replace(PART, **changes)
    assert failures(result(worse, worse, worse)) == [sentence if "lost" not in changes else "lost: 3"]


def test_a_run_within_graphs_limit_is_good_and_one_that_wastes_it_is_not() -> None:
    assert failures(result(), LIMITED) == []
    wasteful = replace(result(replace(PART, started=98)), refused=900, seconds=40)
    assert failures(wasteful, LIMITED) == [
        "started: 998 of 1000",
        "refused calls: 900 of 3000, 30.0%",
        "time: 1.60 of the 25 s of the limit",
    ]
