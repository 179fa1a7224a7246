"""What a benchmark found: tables, and targets that are met or not. How it looks is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from trials.bench.spread import Spread

type Cell = Spread | float | int | str | None


class Bound(Enum):
    """On which side of its limit a measurement should be."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers has a unit, and so many digits after the point."""

    name: str
    unit: str = ""
    digits: int = 0

    @property
    def heading(self) -> str:
        """The name, and the unit where there is one."""
        return f"{self.name} ({self.unit})" if self.unit else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of measurements. `note` says how to read them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""

    def to_json(self) -> dict[str, Any]:
        """The object in the JSON report: one object a row, by the names of the columns."""
        names = [column.heading for column in self.columns]
        return {
            "title": self.title,
            "note": self.note,
            "rows": [dict(zip(names, map(_value, row), strict=True)) for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class Target:
    """A number that was promised, and what was measured."""

    what: str
    measured: Spread | float
    bound: Bound
    limit: float
    unit: str = "x"
    digits: int = 2

    @property
    def is_met(self) -> bool:
        """Judged by the median."""
        value = self.measured.median if isinstance(self.measured, Spread) else self.measured
        return value <= self.limit if self.bound is Bound.AT_MOST else value >= self.limit

    def to_json(self) -> dict[str, Any]:
        """The object in the JSON report."""
        return {
            "what": self.what,
            "measured": _value(self.measured),
            "bound": self.bound.value,
            "limit": self.limit,
            "unit": self.unit,
            "isMet": self.is_met,
        }


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found."""

    name: str
    what: str
    """What was measured, and how, in a few sentences."""
    tables: tuple[Table, ...]
    targets: tuple[Target, ...]

    def to_json(self) -> dict[str, Any]:
        """The object in the JSON report."""
        return {
            "name": self.name,
            "what": self.what,
            "tables": [table.to_json() for table in self.tables],
            "targets": [target.to_json() for target in self.targets],
        }


def text(cell: Cell, column: Column) -> str:
    """A cell in words and digits: 1.08 (1.05 to 1.12) for a spread."""
    match cell:
        case None:
            return ""
        case str():
            return cell
        case Spread(low, median, high):
            return f"{median:,.{column.digits}f} ({low:,.{column.digits}f}-{high:,.{column.digits}f})"
        case _:
            return f"{cell:,.{column.digits}f}"


TARGET_COLUMNS = (Column("Target"), Column("Measured"), Column("Promised"), Column(""))


def target_row(target: Target) -> tuple[str, str, str, str]:
    """A target as a row of the columns above."""
    column = Column("", digits=target.digits)
    return (
        target.what,
        f"{text(target.measured, column)} {target.unit}",
        f"{target.bound.value} {text(target.limit, column)} {target.unit}",
        "met" if target.is_met else "missed",
    )


def _value(cell: Cell) -> Any:
    return cell.to_json() if isinstance(cell, Spread) else cell
