"""Reports as tables in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table as RichTable

from trials.bench.report import TARGET_COLUMNS, target_row, text

if TYPE_CHECKING:
    from rich.console import Console

    from trials.bench.report import Report, Table


def show(console: Console, report: Report) -> None:
    """Print a report."""
    console.rule(f"[bold]{report.name}")
    console.print(report.what, highlight=False)
    for table in report.tables:
        console.print()
        console.print(_rich(table), highlight=False)
        if table.note:
            console.print(table.note, style="dim", highlight=False)
    if report.targets:
        console.print()
        console.print(_targets(report))
    console.print()


def _rich(table: Table) -> RichTable:
    rich = RichTable(title=table.title, title_justify="left", title_style="bold")
    for index, column in enumerate(table.columns):
        rich.add_column(column.heading, justify="left" if index == 0 else "right")
    for row in table.rows:
        rich.add_row(*(text(cell, column) for cell, column in zip(row, table.columns, strict=True)))
    return rich


def _targets(report: Report) -> RichTable:
    rich = RichTable(show_edge=False)
    for column in TARGET_COLUMNS:
        rich.add_column(column.heading)
    for target in report.targets:
        rich.add_row(*target_row(target), style="green" if target.is_met else "red")
    return rich
