"""Reports as Markdown, for docs/performance.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trials.bench.report import TARGET_COLUMNS, target_row, text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trials.bench.report import Column, Report


def markdown(report: Report) -> Iterator[str]:
    """The lines of a report."""
    yield from (f"### {report.name}", "", report.what, "")
    for table in report.tables:
        rows = [[text(cell, column) for cell, column in zip(row, table.columns, strict=True)] for row in table.rows]
        yield from (f"**{table.title}**", "", *_table(table.columns, rows), "")
        if table.note:
            yield from (table.note, "")
    if report.targets:
        yield from (*_table(TARGET_COLUMNS, map(target_row, report.targets)), "")


def _table(columns: Iterable[Column], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    headings = [column.heading for column in columns]
    yield f"| {' | '.join(headings)} |"
    yield f"|{'|'.join([' --- ', *(' ---: ' for _ in headings[1:])])}|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
