"""Reports as one table in a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.table import Table

from trials.bench.spread import Spread

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trials.bench.report import Figure, Report


def table(reports: Iterable[Report]) -> Table:
    """A row per figure. A limit is green if it is met, and red if it is missed."""
    shown = Table("Benchmark", "Figure", "Measured", "Promised", title_justify="left")
    for report in reports:
        for number, figure in enumerate(report.figures):
            style = {True: "green", False: "red", None: None}[figure.is_met]
            shown.add_row("" if number else report.name, figure.what, _measured(figure), _promised(figure), style=style)
        shown.add_section()
    return shown


def _measured(figure: Figure) -> str:
    """The median and the quartiles: 1.08 (1.05-1.12) x."""
    if isinstance(figure.measured, Spread):
        low, median, high = (_text(value, figure) for value in figure.measured)
        return f"{median} ({low}-{high}) {figure.unit}"
    return f"{_text(figure.measured, figure)} {figure.unit}"


def _promised(figure: Figure) -> str:
    if figure.limit is None:
        return ""
    limit = f"{figure.limit.bound.value} {_text(figure.limit.value, figure)} {figure.unit}"
    return f"{limit}: {'met' if figure.is_met else 'missed'}"


def _text(value: float, figure: Figure) -> str:
    return f"{value:,.{figure.digits}f}"
