"""References to a provisioning job: its ids, and its path in Microsoft Graph."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

GUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
"""The pattern of a GUID, for patterns that are compiled with IGNORECASE."""

_GUID = re.compile(GUID, re.IGNORECASE)
_JOB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_JOB_PATH = re.compile(
    r"(?:/?(?:v1\.0|beta))?/?servicePrincipals"
    r"(?:/(?P<principal>[^/()]+)|\('(?P<key>[^/']+)'\)|\(appId='(?P<app>[^/']+)'\))"
    r"/synchronization/jobs(?:/(?P<job>[^/()]+)|\('(?P<job_key>[^/']+)'\))(?:/(?:microsoft\.graph\.)?start)?/?",
    re.IGNORECASE,
)
"""With ids as path segments, or as OData keys, servicePrincipals('{id}') (OData 4.01, "URL Conventions")."""
_ENCODED = re.compile(r"%2([789])")
"""An apostrophe and parentheses, as some clients encode them."""


class JobReference(NamedTuple):
    """Which job: a service principal by object id or by application id, and a job id.

    A request gives exactly one of the principal's two ids. After Graph has answered with the object id, both are
    known. Without a job id, it means every job of the service principal.
    """

    service_principal_id: str | None = None
    app_id: str | None = None
    job_id: str | None = None

    @property
    def principal(self) -> str:
        """The service principal as Graph addresses it, ready for a path."""
        if self.service_principal_id is not None:
            return f"servicePrincipals/{self.service_principal_id}"
        return f"servicePrincipals(appId='{self.app_id}')"

    def __str__(self) -> str:
        """The path in Graph, without a leading slash; the subject of status events."""
        if self.job_id is None:
            return self.principal
        return f"{self.principal}/synchronization/jobs/{quote(self.job_id, safe='')}"


def parse_guid(text: str) -> str | None:
    """The GUID in lower case, as Graph writes it; None if the text is not a GUID."""
    return text.lower() if _GUID.fullmatch(text) else None


def is_job_id(text: str) -> bool:
    """Whether the text can be a job id.

    Real ids look like `BoxOutDelta.<32 hex>`, `scim.<guid>.<guid>` or a bare GUID. Microsoft's own samples have
    invalid hex digits, so only the set of characters is checked.
    """
    return _JOB_ID.fullmatch(text) is not None


def parse_job_path(text: str) -> JobReference | None:
    """The job that a Graph path or URL names, with or without `/start`; None if it names no job."""
    text = text.strip()
    if len(text.split(maxsplit=1)) != 1:
        # urlsplit removes line feeds and tabs, and so would make another id from the text around them.
        return None
    try:
        url = urlsplit(text)
    except ValueError:
        return None
    match = _JOB_PATH.fullmatch(_ENCODED.sub(lambda code: "'()"[int(code[1]) - 7], url.path))
    if match is None:
        return None
    principal, app = parse_guid(match["principal"] or match["key"] or ""), parse_guid(match["app"] or "")
    job = unquote(match["job"] or match["job_key"])
    if principal is app is None or not is_job_id(job):
        return None
    return JobReference(principal, app, job)
