"""A short run with faults. `make chaos` has long ones, and takes the guards out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trials.chaos.checks import broken, missing
from trials.chaos.drive import drive
from trials.chaos.limits import START_LIMIT
from trials.chaos.plan import draw_plan

if TYPE_CHECKING:
    from pathlib import Path

SEED = 20


@pytest.mark.timeout(240)
def test_nothing_is_lost_or_started_twice_while_everything_fails(tmp_path: Path) -> None:
    record = drive(draw_plan(SEED, jobs=15, requests=80), logs=tmp_path)

    assert missing(record) == []
    assert broken(record, start_limit=START_LIMIT) == []
    assert any(start.took_effect for start in record.starts())
