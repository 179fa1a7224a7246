"""`python -m local demo`, as a person and as a program see it."""

from __future__ import annotations

import json
import re
import subprocess

from local.parts.environment import REPOSITORY, environment, python_module
from tests.e2e.hosts import chosen_host
from tests.e2e.tenant import ended_in
from tests.examples import check_event

_SHOWN = {
    "started/quarantine_cleared",
    "started/resumed",
    "skipped/already_active",
    "held/too_many_deletes",
    "held/escrows_pruned",
    "held/relapsing",
    "recovered/running_again",
    "relapsed/quarantined_again",
    "failed/not_found",
    "rejected/invalid_request",
    "rejected/unreadable_message",
    "expanded/jobs_queued",
}


def _demo(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the demo itself
        [*python_module("local"), "demo", *arguments],
        cwd=REPOSITORY,
        env={**environment(), **chosen_host(), **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=True,
    )


def test_demo_shows_each_kind_of_outcome_as_one_event_a_line() -> None:
    events = [check_event(json.loads(line)) for line in _demo("--json").stdout.splitlines()]

    assert {ended_in(event) for event in events} >= _SHOWN
    by_watch = [ended_in(event) for event in events if event["data"]["requestedBy"]["source"] == "watch"]
    assert by_watch == ["started/quarantine_cleared", "recovered/running_again"]


def test_demo_fits_a_narrow_terminal_and_tells_how_it_ended() -> None:
    output = _demo(COLUMNS="80").stdout

    assert all(end in output for end in _SHOWN)
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) <= 80
    assert "requests ended in a status event" in output
    assert output.count("Work note on ServiceNow INC0001042") == 1
    assert output.count("Card in Microsoft Teams") == 1
    assert "A mass deletion that did not happen" in output
    assert "A loop that ended" in output
    (all_requests,) = re.findall(r"All (\d+) requests ended", output)
    summary = output[output.rindex("Summary") :]
    counts = [int(count) for count in re.findall(r"(?m)^ *\d+ {2,}\S.*? {2,}(\d+) {2,}\S", summary)]
    assert sum(counts) == int(all_requests) == 17
