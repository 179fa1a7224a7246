"""Many measurements as one: the median, and the quartiles that show how reliable it is."""

from __future__ import annotations

from statistics import median, quantiles
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Spread(NamedTuple):
    """Half of the measurements are between `low` and `high`."""

    low: float
    median: float
    high: float

    def to_json(self) -> dict[str, float]:
        """The object in the JSON report."""
        return self._asdict()


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one measurement."""
    known = sorted(values)
    if len(known) == 1:
        return Spread(known[0], known[0], known[0])
    low, _, high = quantiles(known, n=4, method="inclusive")
    return Spread(low, median(known), high)


def ratio(values: Sequence[float], base: Sequence[float]) -> Spread:
    """The spread of the ratio of each round, because a slower machine slows both sides of a round."""
    return spread(value / beside for value, beside in zip(values, base, strict=True))


def percentile(values: Iterable[float], percent: int) -> float:
    """The smallest measurement that at least `percent` % do not exceed."""
    known = sorted(values)
    return known[max(0, -(-len(known) * percent // 100) - 1)]
