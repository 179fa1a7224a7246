"""The links in a notice: to the application's provisioning page, and to the ticket.

Addresses have only settings and checked ids in them, and no text of a sender.

Microsoft does not document the addresses of pages in the Microsoft Entra admin center. These are the ones to which
public tools link.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from shared.notices.target import Target
from shared.notices.ticket import ticket_of

if TYPE_CHECKING:
    from shared.notices.set_up import NoticeSettings
    from shared.notices.told import Told

_ADMIN_CENTERS = {
    "graph.microsoft.com": "https://entra.microsoft.com",
    "graph.microsoft.us": "https://entra.microsoft.us",
    "dod-graph.microsoft.us": "https://entra.microsoft.us",
    "microsoftgraph.chinacloudapi.cn": "https://entra.microsoftonline.cn",
}
"""Admin centers by the host of GRAPH_ENDPOINT. Source: Microsoft Learn, "Microsoft Entra FAQ" (firewall allow-list)."""

_TICKET_PAGES = {
    Target.JIRA: "{root}/browse/{id}",
    Target.SERVICENOW: "{root}/task.do?{field}={id}",
    Target.ZENDESK: "{root}/agent/tickets/{id}",
    Target.FRESHSERVICE: "{root}/a/tickets/{id}",
}
"""PagerDuty is missing: its pages are on a host of the account, which the API's address does not have."""


class Link(NamedTuple):
    """A link and its text."""

    title: str
    url: str


def links_of(told: Told, settings: NoticeSettings, graph_endpoint: str) -> list[Link]:
    """The links for this event. A page whose address is not known has none."""
    pages = (("Provisioning in Entra", _provisioning(told, graph_endpoint)), ("Ticket", _ticket(told, settings)))
    return [Link(title, url) for title, url in pages if url is not None]


def _provisioning(told: Told, graph_endpoint: str) -> str | None:
    """The provisioning page of the application; None if its id or the cloud's admin center is not known."""
    center = _ADMIN_CENTERS.get(urlsplit(graph_endpoint).hostname or "")
    if center is None or told.service_principal_id is None:
        return None
    if told.app_id is None:
        blade = "Microsoft_AAD_IAM/ManagedAppMenuBlade/~/ProvisioningActivity"
        return f"{center}/#view/{blade}/objectId/{told.service_principal_id}"
    blade = "Microsoft_AAD_Connect_Provisioning/ProvisioningMenuBlade/~/Overview"
    return f"{center}/#view/{blade}/objectId/{told.service_principal_id}/appId/{told.app_id}"


def _ticket(told: Told, settings: NoticeSettings) -> str | None:
    ticket = ticket_of(told.source, told.reference)
    page = _TICKET_PAGES.get(ticket.target) if ticket is not None else None
    root = getattr(settings, ticket.target.value) if ticket is not None else None
    if ticket is None or page is None or root is None or "/ex/jira/" in root:
        return None
    field = "sys_id" if ticket.id.islower() or ticket.id.isdecimal() else "number"
    return page.format(root=root, id=ticket.id, field=field)
