"""Links of a notice to the application and the ticket, made only from checked ids."""

from __future__ import annotations

from typing import Any

import pytest

from shared.notices.links import links_of
from shared.notices.told import told
from tests.examples import APP_ID, JOB, PRINCIPAL
from tests.unit.notices.events import HOSTILE, event
from tests.unit.notices.setup import SETTINGS, SYS_ID


def urls(endpoint: str = "https://graph.microsoft.com", **data: Any) -> dict[str, str]:
    return {link.title: link.url for link in links_of(told(event(**data)), SETTINGS, endpoint)}


@pytest.mark.parametrize(
    ("endpoint", "center"),
    [
        ("https://graph.microsoft.com", "https://entra.microsoft.com/"),
        ("https://graph.microsoft.us", "https://entra.microsoft.us/"),
        ("https://dod-graph.microsoft.us", "https://entra.microsoft.us/"),
        ("https://microsoftgraph.chinacloudapi.cn", "https://entra.microsoftonline.cn/"),
    ],
)
def test_each_cloud_has_its_admin_center(endpoint: str, center: str) -> None:
    assert urls(endpoint)["Provisioning in Entra"].startswith(center)


def test_a_cloud_that_is_not_known_has_no_link() -> None:
    assert set(urls("http://127.0.0.1:1234")) == {"Ticket"}


def test_the_page_is_found_with_and_without_the_application_id() -> None:
    without = urls(job={"servicePrincipalId": PRINCIPAL, "jobId": JOB})["Provisioning in Entra"]
    assert without.endswith(f"/objectId/{PRINCIPAL}")
    assert urls()["Provisioning in Entra"].endswith(f"/objectId/{PRINCIPAL}/appId/{APP_ID}")


@pytest.mark.parametrize(
    ("source", "reference", "url"),
    [
        ("jira", "IDM-7", "https://contoso.atlassian.net/browse/IDM-7"),
        ("servicenow", "INC0010007", "https://contoso.service-now.com/task.do?number=INC0010007"),
        ("servicenow", SYS_ID, f"https://contoso.service-now.com/task.do?sys_id={SYS_ID}"),
        ("zendesk", "4711", "https://contoso.zendesk.com/agent/tickets/4711"),
        ("freshservice", "INC-7", "https://contoso.freshservice.com/a/tickets/7"),
        ("pagerduty", "PCONTOSO1", None),
        ("azure-monitor", "IDM-7", None),
        ("jira", HOSTILE, None),
    ],
)
def test_a_ticket_has_its_page(source: str, reference: str, url: str | None) -> None:
    assert urls(requestedBy={"source": source, "reference": reference}).get("Ticket") == url


def test_invalid_ids_give_no_link() -> None:
    job = {"servicePrincipalId": "../../evil", "appId": "x/y", "jobId": "[click](https://evil.example)"}
    assert set(urls(job=job)) == {"Ticket"}
    assert [name for name, _ in told(event(job=job)).ids] == ["Request"]
