"""How a request ended, by the start that the ledger knows of it."""

from __future__ import annotations

import pytest

from shared.job_code import JobCode
from shared.outcome import Reason
from shared.starting.ending import ending_of
from tests.examples import start


def test_a_start_whose_effect_is_known_ends_its_request() -> None:
    ending = ending_of(start(reason=Reason.RESUMED, code_after=JobCode.ACTIVE))
    assert (ending.reason, ending.code_after) == (Reason.RESUMED, JobCode.ACTIVE)
    assert ending.before == start().before


def test_a_start_that_is_under_way_ends_nothing() -> None:
    with pytest.raises(ValueError, match="is not known"):
        ending_of(start(reason=None))
