"""The ticket that asked: which system it is in, and which one it is there.

A reference is what a sender wrote. Only the exact form of a system's own ids is taken for one, so that no reference
leads to another address, another path of the API, or into a query.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from shared.notices.target import Target


class Ticket(NamedTuple):
    """A ticket by the id that its system's API takes."""

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
"""By requestedBy.source. Opsgenie is none of them: its API ends in April 2027."""

_IDS = {
    Target.JIRA: re.compile(r"[A-Z][A-Z0-9_]{1,63}-[1-9][0-9]{0,9}|[1-9][0-9]{0,18}"),
    Target.SERVICENOW: re.compile(r"[0-9a-f]{32}|[A-Z]{2,20}[0-9]{4,20}"),
    Target.ZENDESK: re.compile(r"[1-9][0-9]{0,18}"),
    Target.FRESHSERVICE: re.compile(r"[1-9][0-9]{0,18}"),
    Target.PAGERDUTY: re.compile(r"[A-Z0-9]{7,32}"),
}
_NUMBER = re.compile(r"#?(?:[A-Z]{1,10}-)?([0-9]+)")
"""Zendesk and Freshservice write #4711 and INC-7 for people, and want the number alone."""


def ticket_of(source: str, reference: str | None) -> Ticket | None:
    """The ticket that a request came from; None where its sender is no ticket system, or names no ticket of it."""
    target = _SYSTEMS.get(source.lower())
    if target is None or reference is None:
        return None
    text = reference.strip()
    if target in (Target.ZENDESK, Target.FRESHSERVICE):
        number = _NUMBER.fullmatch(text)
        text = number[1] if number is not None else text
    return Ticket(target, text) if _IDS[target].fullmatch(text) else None
