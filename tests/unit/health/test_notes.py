"""What health says without a call: settings, the timer, and each target of notices."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.errors import SettingFault
from shared.health.check import State
from shared.health.notes import follow_up, of_settings, targets
from shared.settings import Settings

TEAMS = {"NOTIFY_TEAMS": "https://prod-7.westeurope.logic.azure.com/workflows/hidden"}
EARLY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATE = EARLY + timedelta(hours=3)


def test_wrong_settings_are_told_but_those_of_a_target_with_the_target() -> None:
    graph = SettingFault(("GRAPH_TIMEOUT",), "GRAPH_TIMEOUT is 0")
    teams = SettingFault(("NOTIFY_TEAMS",), "NOTIFY_TEAMS is no URL")
    check = of_settings([graph, teams])
    assert (check.state, check.message) == (State.FAILING, "GRAPH_TIMEOUT is 0.")
    assert "docs/settings.md" in str(check.advice)
    assert of_settings([teams]).state is State.OK


def test_a_timer_that_never_ran_is_no_fault_yet() -> None:
    check = follow_up(Settings(), {})
    assert check.state is State.NOT_CHECKED
    assert "has not run yet" in check.message


@pytest.mark.parametrize(
    ("schedule", "minutes", "state"),
    [
        pytest.param("0 */5 * * * *", 21, State.FAILING, id="every five minutes, late"),
        pytest.param("0 */5 * * * *", 19, State.OK, id="every five minutes, in time"),
        pytest.param("0 0 6 * * *", 21, State.OK, id="every day"),
    ],
)
def test_a_timer_is_late_only_where_it_is_known_when_it_was_due(schedule: str, minutes: int, state: State) -> None:
    at = datetime.now(UTC) - timedelta(minutes=minutes)
    check = follow_up(Settings(recovery_schedule=schedule), {"follow_starts": {"At": at}})
    assert check.state is state
    assert str(check.to_json()["lastRun"]).startswith(f"{at:%Y-%m-%dT%H:%M}")
    assert ("restart the app" in str(check.advice)) is (state is State.FAILING)


@pytest.mark.parametrize(
    ("notes", "state", "words"),
    [
        pytest.param(None, State.NOT_CHECKED, "could not read the ledger", id="no ledger"),
        pytest.param({}, State.OK, "no notice was sent", id="never used"),
        pytest.param({"teams delivered": {"At": EARLY}}, State.OK, "at 2026-11-23T09:00:00.000Z", id="delivered"),
        pytest.param(
            {"teams refused": {"At": EARLY, "Error": "answered 404."}}, State.FAILING, "answered 404.", id="refused"
        ),
        pytest.param(
            {"teams delivered": {"At": EARLY}, "teams refused": {"At": LATE, "Error": "answered 401"}},
            State.FAILING,
            "at 2026-11-23T12:00:00.000Z: answered 401.",
            id="refused after a delivery",
        ),
        pytest.param(
            {"teams refused": {"At": EARLY, "Error": "answered 401"}, "teams delivered": {"At": LATE}},
            State.OK,
            "took a notice",
            id="delivered after a refusal",
        ),
    ],
)
def test_a_target_is_told_by_what_it_answered_last(
    notes: dict[str, dict[str, Any]] | None, state: State, words: str
) -> None:
    (check,) = targets(Settings(notify=TEAMS), notes)
    assert (check.name, check.state) == ("target teams", state)
    assert words in check.message
    assert ".." not in check.message


def test_a_wrong_setting_fails_its_own_target_and_one_of_none_is_told_apart() -> None:
    notify = {**TEAMS, "NOTIFY_JIRA": "ftp://contoso.com", "NOTIFY_OUTCOMES": "startled"}
    found = {check.name: check for check in targets(Settings(notify=notify), {})}
    assert {name for name, check in found.items() if check.state is State.FAILING} == {"target jira", "targets"}
    assert "NOTIFY_OUTCOMES" in found["targets"].message
    assert "NOTIFY_OUTCOMES" not in found["target jira"].message


def test_where_no_target_is_set_up_that_is_said_and_no_fault() -> None:
    (check,) = targets(Settings(), None)
    assert (check.name, check.state) == ("targets", State.OK)
