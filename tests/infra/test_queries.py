"""The queries of the workbook and the alerts, checked against the lines that the app logs."""

from __future__ import annotations

import re

import pytest

from shared.log import line
from tests.infra.app_source import LogLine, app_sources, log_lines
from tests.infra.bicep import INFRA
from tests.infra.kusto_check import parsed_fields, query_faults

QUERIES = {file.stem: file.read_text() for file in sorted((INFRA / "queries").glob("*.kql"))}
ENDED, WATCHED = QUERIES["ended"], QUERIES["watched"]


def whole_queries() -> dict[str, str]:
    """Each query as it is deployed. One that begins with an operator continues ended.kql, or the file that it names."""
    return {
        name: (WATCHED if "from watched.kql" in text else ENDED) + text
        if re.search(r"^\|", re.sub(r"(?m)^//.*\n", "", text))
        else text
        for name, text in QUERIES.items()
    }


def test_queries_are_valid_kusto_and_name_only_known_columns() -> None:
    assert {name: faults for name, faults in query_faults(whole_queries()).items() if faults} == {}


@pytest.mark.parametrize("query", ["ended", "watched"])
def test_every_field_that_a_query_reads_is_logged(query: str) -> None:
    chosen = re.search(r"where event in \((.+)\)", QUERIES[query])
    assert chosen is not None
    events = re.findall(r'"(\w+)"', chosen[1])
    lines = [found for found in log_lines(app_sources()) if found.event in events]
    assert sorted({found.event for found in lines}) == sorted(events)
    missing = sorted(parsed_fields(QUERIES[query]) - frozenset[str]().union(*(found.fields for found in lines)))
    assert missing == [], f"infra/queries/{query}.kql reads fields that the app does not log: {', '.join(missing)}"


def test_no_other_query_takes_fields_out_of_lines() -> None:
    assert [name for name, text in QUERIES.items() if parsed_fields(text)] == ["ended", "watched"]


def test_a_broken_query_is_found_out() -> None:
    broken = {
        "Query operator expected": ENDED + "| summarise count()\n",
        "'outcom' does not refer to any known column": ENDED + "| where outcom == 'held'\n",
        "operator '*'": ENDED + "| extend x = durationMs * reason\n",
        "'trace' does not refer to any known": "trace | take 1",
    }
    found = query_faults(broken)
    assert [fault for fault in broken if not any(fault in text for text in found[fault])] == []


def test_fields_are_read_out_of_the_calls_of_line() -> None:
    source = """
_log.warning(line("late", requestId=1, error=error))
_log.info(line("fine", jobId=2))
_log.log(level(x), line("ended" if x else "known", outcome=3))
"""
    assert log_lines([source]) == [
        LogLine("late", frozenset({"requestId", "error"}), is_warning=True),
        LogLine("fine", frozenset({"jobId"}), is_warning=False),
        LogLine("ended", frozenset({"outcome"}), is_warning=True),
        LogLine("known", frozenset({"outcome"}), is_warning=True),
    ]


def test_fields_that_cannot_be_read_are_an_error() -> None:
    with pytest.raises(AssertionError, match="ended: a log line's fields must be written out"):
        log_lines(['_log.info(line("ended", **fields))'])


def test_the_quoting_of_log_lines_is_what_parse_kv_is_told() -> None:
    r"""A space ends a pair, = separates its parts, and values with more than one word are in " with \ as escape."""
    assert line("e", a="x y", b='"', c="=") == 'e a="x y" b="\\"" c=='
    options = r'pair_delimiter = " ", kv_delimiter = "=", quote = "\"", escape = "\\"'
    assert options in ENDED
    assert options in WATCHED
