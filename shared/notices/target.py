"""The targets that a notice can go to, by the names that settings, messages and log lines give them."""

from __future__ import annotations

from enum import StrEnum


class Target(StrEnum):
    """Where people are told: chat and webhooks get what NOTIFY_OUTCOMES lists, tickets what they asked for."""

    TEAMS = "teams"
    SLACK = "slack"
    WEBHOOK = "webhook"
    JIRA = "jira"
    SERVICENOW = "servicenow"
    ZENDESK = "zendesk"
    FRESHSERVICE = "freshservice"
    PAGERDUTY = "pagerduty"
