"""The results of a benchmark: figures, some with a limit that they meet or miss. It does not decide how they look."""

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
    """The limit of a figure."""

    bound: Bound
    value: float

    def is_met_by(self, value: float) -> bool:
        """Whether a value is on the right side of the limit, or equal to it."""
        return value <= self.value if self.bound is Bound.AT_MOST else value >= self.value


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing that was measured, once or many times. The unit of a ratio is `x`."""

    what: str
    measured: Spread | float
    unit: str = "x"
    digits: int = 2
    limit: Limit | None = None

    @property
    def is_met(self) -> bool | None:
        """Whether the median meets the limit. None if there is no limit."""
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
    """The results of one benchmark."""

    name: str
    what: str
    """What was measured and how, in a few sentences."""
    figures: tuple[Figure, ...]

    def to_json(self) -> dict[str, Any]:
        """The object in the JSON report."""
        return {"name": self.name, "what": self.what, "figures": [figure.to_json() for figure in self.figures]}
