"""The credential check: do the credentials that are saved for a job work? If not, a start leads back to quarantine."""

from __future__ import annotations

import logging
from enum import StrEnum
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import GraphRefused, GraphUnavailable
from shared.log import line
from shared.text import shorten

if TYPE_CHECKING:
    from shared.graph.client import Graph
    from shared.graph.job import SynchronizationJob
    from shared.request.reference import JobReference

_CREDENTIAL_QUARANTINE = "encounteredquarantineexception"
"""The quarantine.reason of a job whose target refused the credentials. It has other causes, too."""

_log = logging.getLogger(__name__)


class CheckResult(StrEnum):
    """Whether the saved credentials of a job work."""

    VALID = "valid"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    """The check gave no clear result."""


class CredentialCheck(NamedTuple):
    """The result of the check, and Graph's error unless the credentials are valid."""

    result: CheckResult
    detail: str | None = None

    def to_json(self) -> dict[str, str]:
        """The object in status events."""
        return {"result": self.result} if self.detail is None else {"result": self.result, "detail": self.detail}


def applies(job: SynchronizationJob) -> bool:
    """Whether the credentials may be why the job is in quarantine."""
    quarantine = job.quarantine
    return quarantine is not None and (quarantine.reason or "").lower() == _CREDENTIAL_QUARANTINE


def check(graph: Graph, job: JobReference) -> CredentialCheck:
    """Try the saved credentials. Raises TokenUnavailable.

    204 means that they work. The answer to wrong credentials is not documented, nor which jobs do not support the call
    (Microsoft Graph reference, "synchronizationJob: validateCredentials"). So only a 400 counts as a refusal, and only
    if its error code mentions credentials and does not end in "unavailable". After any other answer, the job is started
    as it would be without the check.
    """
    try:
        graph.validate_credentials(job)
    except GraphRefused as error:
        if error.status == HTTPStatus.BAD_REQUEST and _speaks_of_credentials(error.code):
            return CredentialCheck(CheckResult.INVALID, shorten(error.summary))
        return _unavailable(job, error)
    except GraphUnavailable as error:
        return _unavailable(job, error)
    return CredentialCheck(CheckResult.VALID)


def _speaks_of_credentials(code: str) -> bool:
    code = code.lower()
    return "credential" in code and not code.endswith("unavailable")


def _unavailable(job: JobReference, error: Exception) -> CredentialCheck:
    _log.warning(line("credential_check_unavailable", job=job, error=error))
    return CredentialCheck(CheckResult.UNAVAILABLE, shorten(str(error)))
