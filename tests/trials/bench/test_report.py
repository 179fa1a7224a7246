"""How figures are judged, and how they are written."""

from __future__ import annotations

import io
import json

from rich.console import Console

from trials.bench.report import Bound, Figure, Limit, Report
from trials.bench.spread import Spread
from trials.bench.terminal import table

REPORT = Report(
    name="one-thing",
    what="Something was measured.",
    figures=(
        Figure("CPU of the app", Spread(1, 2, 3), "ms", 1),
        Figure("Share", 0.5, limit=Limit(Bound.AT_LEAST, 0.9)),
        Figure("Ratio", Spread(1, 1.1, 1.3), limit=Limit(Bound.AT_MOST, 1.1)),
    ),
)


def test_a_figure_is_judged_by_the_median_on_its_side_of_the_limit() -> None:
    assert [figure.is_met for figure in REPORT.figures] == [None, False, True]


def test_json_holds_the_numbers_and_what_was_promised_of_them() -> None:
    written = json.loads(json.dumps(REPORT.to_json()))
    assert written["figures"] == [
        {"what": "CPU of the app", "unit": "ms", "measured": {"low": 1, "median": 2, "high": 3}},
        {"what": "Share", "unit": "x", "measured": 0.5, "bound": "at least", "limit": 0.9, "isMet": False},
        {
            "what": "Ratio",
            "unit": "x",
            "measured": {"low": 1, "median": 1.1, "high": 1.3},
            "bound": "at most",
            "limit": 1.1,
            "isMet": True,
        },
    ]


def test_the_table_shows_the_spread_behind_the_median_and_what_was_missed() -> None:
    console = Console(file=io.StringIO(), width=120)
    console.print(table([REPORT]))
    assert isinstance(console.file, io.StringIO)
    lines = [" ".join(line.replace("│", " ").split()) for line in console.file.getvalue().splitlines()]
    assert "one-thing CPU of the app 2.0 (1.0-3.0) ms" in lines
    assert "Share 0.50 x at least 0.90 x: missed" in lines
    assert "Ratio 1.10 (1.00-1.30) x at most 1.10 x: met" in lines
