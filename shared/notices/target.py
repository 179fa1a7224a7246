"""The targets of notices, by their names in settings, messages and log lines."""

from __future__ import annotations

from enum import StrEnum


class Target(StrEnum):
    """A place where people read notices: a chat, a webhook or a ticket system."""

    TEAMS = "teams"
    SLACK = "slack"
    WEBHOOK = "webhook"
    JIRA = "jira"
    SERVICENOW = "servicenow"
    ZENDESK = "zendesk"
    FRESHSERVICE = "freshservice"
    PAGERDUTY = "pagerduty"
