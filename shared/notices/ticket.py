"""The ticket that a request came from: its system, and its id there.

The reference is text of the sender, so only the exact form of the system's own ids is accepted. So a reference cannot
change the address, the path or the query of a call.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.notices.target import Target


class Ticket(NamedTuple):
    """A ticket, with the id that its system's API accepts."""

    target: Target
    id: str


_SYSTEMS = {
    "jira": Target.JIRA,
    "jira-automation": Target.JIRA,
    "servicenow": Target.SERVICENOW,
    "zendesk": Target.ZENDESK,
    "freshservice": Target.FRESHSERVICE,
    "pagerduty": Target.PAGERDUTY,
}
"""Ticket systems by requestedBy.source. Opsgenie is missing, because its API ends in April 2027."""

_IDS = {
    Target.JIRA: re.compile(r"[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,9}|[1-9][0-9]{0,18}"),
    Target.SERVICENOW: re.compile(r"[0-9a-f]{32}|[A-Z]{2,20}[0-9]{4,20}"),
    Target.ZENDESK: re.compile(r"[1-9][0-9]{0,18}"),
    Target.FRESHSERVICE: re.compile(r"[1-9][0-9]{0,18}"),
    Target.PAGERDUTY: re.compile(r"[A-Z0-9]{7,32}"),
}
_NUMBER = re.compile(r"#?(?:[A-Z]{1,10}-)?([0-9]+)")
"""Zendesk and Freshservice show people #4711 and INC-7, but their APIs accept only the number."""


def ticket_of(source: str, reference: str | None) -> Ticket | None:
    """The ticket that a request came from; None if the source is not a ticket system, or the reference not an id."""
    target = _SYSTEMS.get(source.lower())
    if target is None or reference is None:
        return None
    text = reference.strip()
    if target in (Target.ZENDESK, Target.FRESHSERVICE):
        number = _NUMBER.fullmatch(text)
        text = number[1] if number is not None else text
    return Ticket(target, text) if _IDS[target].fullmatch(text) else None
