"""How a report judges its targets, and how it is written."""

from __future__ import annotations

import json

from trials.bench.markdown import markdown
from trials.bench.report import Bound, Column, Report, Table, Target
from trials.bench.spread import Spread

REPORT = Report(
    name="one-thing",
    what="Something was measured.",
    tables=(Table("A table", (Column("Who"), Column("CPU", "ms", 1)), (("app", Spread(1, 2, 3)), ("floor", None))),),
    targets=(Target("Share", 0.5, Bound.AT_LEAST, 0.9), Target("Ratio", Spread(1, 1.1, 1.3), Bound.AT_MOST, 1.1)),
)


def test_a_target_is_judged_by_the_median_on_its_side_of_the_limit() -> None:
    assert [target.is_met for target in REPORT.targets] == [False, True]


def test_json_holds_numbers_by_the_names_of_their_columns() -> None:
    written = json.loads(json.dumps(REPORT.to_json()))
    assert written["tables"][0]["rows"] == [
        {"Who": "app", "CPU (ms)": {"low": 1, "median": 2, "high": 3}},
        {"Who": "floor", "CPU (ms)": None},
    ]
    assert [target["isMet"] for target in written["targets"]] == [False, True]


def test_markdown_shows_the_spread_behind_the_median() -> None:
    lines = list(markdown(REPORT))
    assert "| app | 2.0 (1.0-3.0) |" in lines
    assert "| Share | 0.50 x | at least 0.90 x | missed |" in lines
