"""Links of the Microsoft Entra admin center and the Azure portal, which name an enterprise application.

Microsoft does not document the form of these links. The page of an enterprise application is a blade named
ManagedAppMenuBlade, or a blade of provisioning. In the path, objectId and appId are each followed by their value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from shared.request.reference import GUID, JobReference

if TYPE_CHECKING:
    from collections.abc import Iterator

_HOST = r"(?:entra\.microsoft\.(?:com|us)|(?:portal|aad\.portal|entra)\.azure\.(?:com|us|cn)|aad\.portal\.azure\.us)"
# Up to a blank or a character that ends links in text. A text can match in only one way, so the time is linear.
_LINK = re.compile(rf"\b{_HOST}[/?#][^\s\"'<>|\]\)]*", re.IGNORECASE)
_PORTAL = re.compile(r"(?:azure|entra)\.", re.IGNORECASE)
_BLADE = re.compile(r"ManagedAppMenuBlade|ProvisioningManagement|ProvisioningMenuBlade", re.IGNORECASE)
_GUID = rf"({GUID})(?![0-9a-z-])"
_OBJECT = re.compile(rf"[/?&](?:objectId|servicePrincipalId)[/=]{_GUID}", re.IGNORECASE)
_APP = re.compile(rf"[/?&]appId[/=]{_GUID}", re.IGNORECASE)


def portal_links(text: str) -> Iterator[JobReference]:
    """The application of each link in the text, in order. If a link has both ids, the object id counts."""
    if _PORTAL.search(text) is None:
        return
    for match in _LINK.finditer(text):
        link = unquote(match[0])
        if not _BLADE.search(link):
            continue
        if found := _OBJECT.search(link):
            yield JobReference(service_principal_id=found[1].lower())
        elif found := _APP.search(link):
            yield JobReference(app_id=found[1].lower())


def parse_portal_link(text: str) -> JobReference | None:
    """The application in a text that is one link; None for any other text."""
    if len(text.split(maxsplit=1)) != 1:
        return None
    return next(portal_links(text), None)
