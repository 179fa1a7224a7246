"""What a benchmark found: figures, some with a limit that they keep or miss. How it looks is decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from trials.bench.spread import Spread


class Bound(Enum):
    """On which side of its limit a figure should be."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, slots=True)
class Limit:
    """What was promised of a figure."""

    bound: Bound
    value: float

    def is_met_by(self, value: float) -> bool:
        """Whether a figure is on the promised side of it, or just there."""
        return value <= self.value if self.bound is Bound.AT_MOST else value >= self.value


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured: once, or as the spread of many times. `x` is a ratio's unit."""

    what: str
    measured: Spread | float
    unit: str = "x"
    digits: int = 2
    limit: Limit | None = None

    @property
    def is_met(self) -> bool | None:
        """Judged by the median; None where nothing was promised."""
        if self.limit is None:
            return None
        return self.limit.is_met_by(self.measured.median if isinstance(self.measured, Spread) else self.measured)

    def to_json(self) -> dict[str, Any]:
        """The object in the JSON report."""
        known = {"what": self.what, "unit": self.unit}
        measured = self.measured.to_json() if isinstance(self.measured, Spread) else self.measured
        if self.limit is None:
            return known | {"measured": measured}
        promised = {"bound": self.limit.bound.value, "limit": self.limit.value, "isMet": self.is_met}
        return known | {"measured": measured} | promised


@dataclass(frozen=True, slots=True)
class Report:
    """What one benchmark found."""

    name: str
    what: str
    """What was measured, and how, in a few sentences."""
    figures: tuple[Figure, ...]

    def to_json(self) -> dict[str, Any]:
        """The object in the JSON report."""
        return {"name": self.name, "what": self.what, "figures": [figure.to_json() for figure in self.figures]}
