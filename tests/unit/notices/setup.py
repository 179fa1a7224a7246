"""A client of each target, and the stand-in that it calls."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from local.targets.freshservice import Freshservice
from local.targets.jira import Jira
from local.targets.pagerduty import USER, PagerDuty
from local.targets.servicenow import ServiceNow
from local.targets.slack import CHANNEL, Slack
from local.targets.teams import Teams
from local.targets.webhook import Webhook
from local.targets.zendesk import Zendesk
from shared.notices.links import links_of
from shared.notices.set_up import NoticeSettings
from shared.notices.target import Target
from shared.notices.targets import (
    freshservice,
    jira,
    pagerduty,
    servicenow,
    slack,
    slack_thread,
    teams,
    webhook,
    zendesk,
)
from shared.notices.targets.client import Outgoing, TargetClient
from shared.notices.targets.pace import Pace
from shared.notices.told import told
from tests.unit.notices.events import event
from tests.unit.notices.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from local.targets.vendor import Vendor

SYS_ID = "0123456789abcdef0123456789abcdef"
ENVIRONMENT = {
    "NOTIFY_TEAMS": "http://127.0.0.1/teams",
    "NOTIFY_SLACK": "http://127.0.0.1/slack",
    "NOTIFY_WEBHOOK": "http://127.0.0.1/webhook",
    "NOTIFY_JIRA": "https://contoso.atlassian.net",
    "NOTIFY_JIRA_CREDENTIAL": "user:token",
    "NOTIFY_SERVICENOW": "https://contoso.service-now.com",
    "NOTIFY_SERVICENOW_CREDENTIAL": "key",
    "NOTIFY_ZENDESK": "https://contoso.zendesk.com",
    "NOTIFY_ZENDESK_CREDENTIAL": "user/token:key",
    "NOTIFY_FRESHSERVICE": "https://contoso.freshservice.com",
    "NOTIFY_FRESHSERVICE_CREDENTIAL": "key",
    "NOTIFY_PAGERDUTY": "https://api.pagerduty.com",
    "NOTIFY_PAGERDUTY_CREDENTIAL": "key",
    "NOTIFY_PAGERDUTY_FROM": "bot@contoso.example",
}
SETTINGS, _faults = NoticeSettings.read(ENVIRONMENT)
assert not _faults

REFERENCES = {
    Target.JIRA: ("jira", "IDM-7"),
    Target.SERVICENOW: ("servicenow", "INC0010007"),
    Target.ZENDESK: ("zendesk", "4711"),
    Target.FRESHSERVICE: ("freshservice", "INC-7"),
    Target.PAGERDUTY: ("pagerduty", "PCONTOSO1"),
}
TICKETS = tuple(REFERENCES)
SLACK_THREAD = "slack with a token"
ALL = (*Target, SLACK_THREAD)


class Both(NamedTuple):
    """A client and its vendor."""

    client: TargetClient
    vendor: Vendor
    wire: Wire

    @property
    def texts(self) -> list[str]:
        """The texts that people see."""
        return [each.text for each in self.vendor.arrived]


def both(target: str) -> Both:
    """The client of a target, connected to a stand-in. It has one ticket, or two if a mistake could affect the other
    one.
    """
    pace = Pace(0.0, clock=_every(1000.0), sleep=lambda _: None)
    vendor: Vendor
    client: TargetClient
    root = "http://vendor"
    match target:
        case Target.TEAMS:
            vendor = Teams("secret")
            client = teams.Teams(wire := Wire(vendor), root + vendor.url)
        case Target.SLACK:
            vendor = Slack("secret", clock=_every(1.0))
            client = slack.Slack(wire := Wire(vendor), root + vendor.url, pace)
        case "slack with a token":
            vendor = Slack("secret", clock=_every(1.0))
            client = slack_thread.SlackThread(wire := Wire(vendor), f"{root}/api", vendor.token, CHANNEL, pace)
        case Target.WEBHOOK:
            vendor = Webhook(b"k" * 32)
            client = webhook.Webhook(wire := Wire(vendor), root + vendor.url, (b"k" * 32,), origin="contoso.example")
        case Target.JIRA:
            vendor = Jira("secret")
            vendor.put_ticket("IDM-7")
            vendor.put_ticket("IDM-8")
            client = jira.Jira(wire := Wire(vendor), root, vendor.credential)
        case Target.SERVICENOW:
            vendor = ServiceNow("secret")
            vendor.put_ticket(SYS_ID, number="INC0010007")
            vendor.put_ticket("f" * 32, number="INC0010008")
            client = servicenow.ServiceNow(wire := Wire(vendor), root, vendor.credential)
        case Target.ZENDESK:
            vendor = Zendesk("secret")
            vendor.put_ticket("4711")
            client = zendesk.Zendesk(wire := Wire(vendor), root, vendor.credential)
        case Target.FRESHSERVICE:
            vendor = Freshservice("secret")
            vendor.put_ticket("7")
            client = freshservice.Freshservice(wire := Wire(vendor), root, vendor.credential)
        case _:
            vendor = PagerDuty("secret")
            vendor.put_ticket("PCONTOSO1")
            client = pagerduty.PagerDuty(wire := Wire(vendor), root, vendor.credential, USER)
    return Both(client, vendor, wire)


def outgoing(target: str, outcome: str = "started", **changes: object) -> Outgoing:
    """A notice for the target, from its ticket if the target is a ticket system."""
    found = event(outcome)
    source, reference = REFERENCES.get(Target(target), ("http", None)) if target in set(Target) else ("http", None)
    found["data"]["requestedBy"] = {"source": source, "reference": reference, "summary": "Nobody gets an account"}
    found |= changes
    facts = told(found)
    return Outgoing(found, facts, links_of(facts, SETTINGS, "https://graph.microsoft.com"))


def _every(seconds: float) -> Callable[[], float]:
    """A clock that moves on by that much at each reading."""
    looks = iter(range(1_000_000))
    return lambda: seconds * next(looks)
