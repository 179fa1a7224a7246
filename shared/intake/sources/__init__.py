"""The kinds of senders that POST /api/start-requests/{source} accepts payloads from, one module each.

A payload becomes start requests, a reason why it is ignored, or a report that it names no job. Only these modules know
the senders' own formats.
"""

from shared.intake.sources import (
    azure_monitor,
    freshservice,
    generic,
    jira,
    jira_automation,
    opsgenie,
    pagerduty,
    servicenow,
    standard_webhooks,
    zendesk,
)

SOURCES = {
    module.SOURCE.name: module.SOURCE
    for module in (
        azure_monitor,
        freshservice,
        generic,
        jira,
        jira_automation,
        opsgenie,
        pagerduty,
        servicenow,
        standard_webhooks,
        zendesk,
    )
}
