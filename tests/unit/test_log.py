"""Log lines."""

from __future__ import annotations

from shared.log import MAX_VALUE, line
from shared.outcome import Reason


def test_line_is_grep_and_kusto_friendly() -> None:
    assert line("ended", requestId="1-2", reason=Reason.DRY_RUN, n=3) == "ended requestId=1-2 reason=dry_run n=3"


def test_unknown_is_left_out() -> None:
    assert line("ended", jobId=None, empty="") == 'ended empty=""'


def test_a_line_stays_one_line_whatever_is_in_it() -> None:
    assert line("e", error='a "b"\nc=\ud800') == 'e error="a \\"b\\"\\nc=\\ud800"'


def test_long_value_is_cut() -> None:
    assert line("e", error="x" * MAX_VALUE) == f"e error={'x' * MAX_VALUE}"
    assert line("e", error="x" * (MAX_VALUE + 1)) == f"e error={'x' * (MAX_VALUE - 3)}..."
