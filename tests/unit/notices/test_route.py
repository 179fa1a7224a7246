"""Which event goes to which target, and to which ticket."""

from __future__ import annotations

import pytest

from shared.notices.route import targets_of
from shared.notices.set_up import NoticeSettings
from shared.notices.target import Target
from shared.notices.ticket import ticket_of
from shared.outcome import Outcome
from tests.unit.notices.setup import ENVIRONMENT, SETTINGS

CHANNELS = [Target.TEAMS, Target.SLACK, Target.WEBHOOK]


@pytest.mark.parametrize("outcome", Outcome)
def test_all_outcomes_are_told_except_skipped_and_expanded(outcome: Outcome) -> None:
    expected = [] if outcome in (Outcome.SKIPPED, Outcome.EXPANDED) else CHANNELS
    assert targets_of(outcome, "http", None, SETTINGS) == expected


def test_a_list_of_outcomes_counts_for_tickets_too() -> None:
    settings, _ = NoticeSettings.read({**ENVIRONMENT, "NOTIFY_OUTCOMES": "Held, skipped"})
    assert targets_of("skipped", "jira", "IDM-7", settings) == [*CHANNELS, Target.JIRA]
    assert targets_of("started", "jira", "IDM-7", settings) == []


def test_a_ticket_gets_notes_only_on_its_own_request() -> None:
    assert targets_of("started", "zendesk", "4711", SETTINGS) == [*CHANNELS, Target.ZENDESK]
    assert targets_of("started", "azure-monitor", "4711", SETTINGS) == CHANNELS


def test_system_that_is_not_set_up_gets_no_notice() -> None:
    settings, _ = NoticeSettings.read({"NOTIFY_TEAMS": ENVIRONMENT["NOTIFY_TEAMS"]})
    assert targets_of("started", "zendesk", "4711", settings) == [Target.TEAMS]


@pytest.mark.parametrize(
    ("source", "reference", "ticket"),
    [
        ("jira", "IDM-7", (Target.JIRA, "IDM-7")),
        ("jira-automation", " IDM-7 ", (Target.JIRA, "IDM-7")),
        ("jira", "10007", (Target.JIRA, "10007")),
        ("servicenow", "INC0010007", (Target.SERVICENOW, "INC0010007")),
        ("servicenow", "0123456789abcdef0123456789abcdef", (Target.SERVICENOW, "0123456789abcdef0123456789abcdef")),
        ("zendesk", "#4711", (Target.ZENDESK, "4711")),
        ("freshservice", "INC-7", (Target.FRESHSERVICE, "7")),
        ("pagerduty", "Q1DQ0M3FNPYCI9", (Target.PAGERDUTY, "Q1DQ0M3FNPYCI9")),
        ("opsgenie", "70413a06-38d6-4c85-92b8-5ebc900d42e2", None),
        ("azure-monitor", "IDM-7", None),
        ("zendesk", None, None),
    ],
)
def test_a_reference_names_a_ticket_of_the_system_that_asked(
    source: str, reference: str | None, ticket: tuple[Target, str] | None
) -> None:
    assert ticket_of(source, reference) == ticket


@pytest.mark.parametrize("source", ["jira", "servicenow", "zendesk", "freshservice", "pagerduty"])
@pytest.mark.parametrize(
    "reference",
    [
        "",
        "../../IDM-7",
        "IDM-7/../IDM-8",
        "IDM-7/comment",
        "IDM-7?x=1",
        "IDM-7#",
        "IDM-7\nHost: evil.example",
        "IDM-7%2f..",
        "4711/../1",
        "4711.json?",
        "INC0010007^ORnumber=INC0010008",
        "number=INC0010007",
        "https://evil.example/IDM-7",
        "@evil.example",
        "//evil.example",
        "٤٧١١",
        "0",
        "-1",
        "A" * 300,
    ],
)
def test_a_reference_cannot_change_the_path_it_is_put_in(source: str, reference: str) -> None:
    assert ticket_of(source, reference) is None
