"""Links of the admin center and the portal."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from shared.request.portal_link import parse_portal_link, portal_links
from shared.request.reference import JobReference
from tests.examples import APP_ID, PRINCIPAL

ENTRA = "https://entra.microsoft.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~"
BY_OBJECT = JobReference(service_principal_id=PRINCIPAL)


@pytest.mark.parametrize(
    ("link", "named"),
    [
        (f"{ENTRA}/ProvisioningManagement/objectId/{PRINCIPAL}/appId/{APP_ID}", BY_OBJECT),
        (f"{ENTRA}/Overview/objectId/{PRINCIPAL.upper()}/appId/{APP_ID}/preferredSingleSignOnMode~/null", BY_OBJECT),
        (f"{ENTRA}/Overview/appId/{APP_ID}/objectId/{PRINCIPAL}", BY_OBJECT),
        (f"{ENTRA}/Overview/appId/{APP_ID}", JobReference(app_id=APP_ID)),
        (
            f"https://portal.azure.com/#blade/Microsoft_AAD_IAM/ManagedAppMenuBlade/Overview/objectId/{PRINCIPAL}/appId/{APP_ID}",
            BY_OBJECT,
        ),
        (
            f"https://portal.azure.us/?feature.x=1#@contoso.com/view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/{PRINCIPAL}",
            BY_OBJECT,
        ),
        (
            f"https://portal.azure.cn/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId%2F{PRINCIPAL}%2FappId%2F{APP_ID}",
            BY_OBJECT,
        ),
    ],
)
def test_link_names_its_application(link: str, named: JobReference) -> None:
    assert parse_portal_link(link) == named
    assert list(portal_links(f"See [the app|{link}] and <a href='{link}'>it</a>.")) == [named] * 2


@pytest.mark.parametrize(
    "link",
    [
        "",
        ENTRA,
        f"{ENTRA}/Overview/objectId/{PRINCIPAL}x",
        f"{ENTRA}/Overview/objectId/{PRINCIPAL[:-1]}",
        f"https://entra.microsoft.com/#view/Microsoft_AAD_UsersAndTenants/UserProfileMenuBlade/~/overview/userId/{PRINCIPAL}",
        f"https://entra.microsoft.com/#view/Microsoft_AAD_IAM/GroupDetailsMenuBlade/~/Overview/objectId/{PRINCIPAL}",
        f"https://entra.microsoft.com/#view/Microsoft_AAD_RegisteredApps/ApplicationMenuBlade/~/Overview/appId/{APP_ID}/objectId/{PRINCIPAL}",
        f"https://entra.example.com/#view/Microsoft_AAD_IAM/ManagedAppMenuBlade/~/Overview/objectId/{PRINCIPAL}",
        f"{ENTRA}/Overview/objectId/{PRINCIPAL} {ENTRA}/Overview/objectId/{PRINCIPAL}",
        quote(f"{ENTRA}/Overview/objectId/{PRINCIPAL}", safe=""),
    ],
)
def test_other_links_name_none(link: str) -> None:
    assert parse_portal_link(link) is None
