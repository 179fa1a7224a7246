"""Medians, quartiles and ratios of measurements."""

from __future__ import annotations

import pytest

from trials.bench.spread import Spread, percentile, ratio, spread


def test_half_of_the_measurements_lie_between_the_quartiles() -> None:
    assert spread([5, 1, 4, 2, 3]) == Spread(2, 3, 4)


def test_one_measurement_has_no_spread() -> None:
    assert spread([7.5]) == Spread(7.5, 7.5, 7.5)


def test_a_machine_that_slows_down_leaves_the_ratio_as_it_was() -> None:
    assert ratio([2, 20, 200], [1, 10, 100]) == Spread(2, 2, 2)


def test_rounds_that_only_one_side_has_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ratio([1, 2], [1])


@pytest.mark.parametrize(("percent", "expected"), [(50, 5), (95, 10), (99, 10), (1, 1)])
def test_a_percentile_is_a_measurement_that_so_many_do_not_exceed(percent: int, expected: int) -> None:
    assert percentile(range(10, 0, -1), percent) == expected
