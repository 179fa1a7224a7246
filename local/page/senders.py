"""The kinds of senders on the page. Each sends its real payload, with a number that no earlier request had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from local.client import payloads

if TYPE_CHECKING:
    from collections.abc import Callable


class Asking(NamedTuple):
    """One request to send."""

    number: int
    """A number that grows by one per request."""
    principal: str
    job_id: str
    summary: str
    """The text that a person added."""

    @property
    def path(self) -> str:
        """The job's path in Graph."""
        return f"servicePrincipals/{self.principal}/synchronization/jobs/{self.job_id}"


class OpenTicket(NamedTuple):
    """A ticket to open before its system sends the request."""

    target: str
    id: str
    """The id in the system's API."""
    number: str
    """The number that people see."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A kind of sender. `source` None sends a start request instead of a payload."""

    name: str
    source: str | None
    body: Callable[[Asking], Any]
    ticket: Callable[[int], OpenTicket] | None = None
    by_queue: bool = False


def _body_of(make: Callable[[int], OpenTicket]) -> Callable[[Asking], Any]:
    """Make the body that the rule of a ticket system sends for the ticket."""
    return lambda asking: payloads.ticket(make(asking.number).number, asking.principal, asking.job_id, asking.summary)


def _servicenow(number: int) -> OpenTicket:
    return OpenTicket("servicenow", f"{number:032x}", f"INC{1041 + number:07}")


def _jira(number: int) -> OpenTicket:
    return OpenTicket("jira", f"IDM-{number}", f"IDM-{number}")


def _zendesk(number: int) -> OpenTicket:
    return OpenTicket("zendesk", str(4710 + number), str(4710 + number))


def _freshservice(number: int) -> OpenTicket:
    return OpenTicket("freshservice", str(number), f"INC-{number}")


def _pagerduty(number: int) -> OpenTicket:
    return OpenTicket("pagerduty", f"PDEMO{number:04}", f"PDEMO{number:04}")


SENDERS: Final = {
    "servicenow": Sender("ServiceNow incident", "servicenow", _body_of(_servicenow), _servicenow),
    "jira": Sender(
        "Jira issue",
        "jira",
        lambda asking: payloads.issue(_jira(asking.number).number, asking.principal, asking.job_id, asking.summary),
        _jira,
    ),
    "jira-automation": Sender("Jira automation rule", "jira-automation", _body_of(_jira), _jira),
    "zendesk": Sender("Zendesk ticket", "zendesk", _body_of(_zendesk), _zendesk),
    "freshservice": Sender("Freshservice ticket", "freshservice", _body_of(_freshservice), _freshservice),
    "pagerduty": Sender(
        "PagerDuty incident",
        "pagerduty",
        lambda asking: payloads.incident(_pagerduty(asking.number).id, asking.principal, asking.job_id, asking.summary),
        _pagerduty,
    ),
    "azure-monitor": Sender(
        "Azure Monitor alert",
        "azure-monitor",
        lambda asking: payloads.alert(f"alert-{asking.number}", asking.principal, asking.job_id, rule=asking.summary),
    ),
    "opsgenie": Sender(
        "Opsgenie alert",
        "opsgenie",
        lambda asking: payloads.opsgenie_alert(
            f"alert-{asking.number}", asking.principal, asking.job_id, asking.summary
        ),
    ),
    "generic": Sender(
        "Alertmanager alert",
        "generic",
        lambda asking: payloads.alertmanager_alert(
            f"{asking.summary} {asking.number}", asking.principal, asking.job_id
        ),
    ),
    "standard-webhooks": Sender(
        "Standard webhook",
        "standard-webhooks",
        lambda asking: payloads.ticket(f"T-{asking.number}", asking.principal, asking.job_id, asking.summary),
    ),
    "http": Sender(
        "Start request, by HTTP",
        None,
        lambda asking: {
            "servicePrincipalId": asking.principal,
            "jobId": asking.job_id,
            "requestedBy": {"source": "page", "summary": asking.summary},
        },
    ),
    "all": Sender(
        "All its jobs, by HTTP",
        None,
        lambda asking: {
            "servicePrincipalId": asking.principal,
            "requestedBy": {"source": "page", "summary": asking.summary},
        },
    ),
    "queue": Sender("Job's path, by queue", None, lambda asking: asking.path, by_queue=True),
}
"""By the value of the choice on the page."""
