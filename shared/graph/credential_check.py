"""Whether the credentials that are saved for a job work: asked before a start that would lead back to quarantine."""

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
"""The quarantine.reason of a job whose target did not let it in, among other causes."""

_log = logging.getLogger(__name__)


class CheckResult(StrEnum):
    """What the saved credentials of a job were found to be."""

    VALID = "valid"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"
    """It could not be found out."""


class CredentialCheck(NamedTuple):
    """The result of trying the saved credentials, and Graph's error where they were not found valid."""

    result: CheckResult
    detail: str | None = None

    def to_json(self) -> dict[str, str]:
        """The object in status events."""
        return {"result": self.result} if self.detail is None else {"result": self.result, "detail": self.detail}


def applies(job: SynchronizationJob) -> bool:
    """Whether credentials may be what the job is in quarantine for."""
    quarantine = job.quarantine
    return quarantine is not None and (quarantine.reason or "").lower() == _CREDENTIAL_QUARANTINE


def check(graph: Graph, job: JobReference) -> CredentialCheck:
    """Try the saved credentials. Raises TokenUnavailable.

    204 is documented as yes; what a no looks like is documented nowhere, nor for which jobs the call is not supported
    (Microsoft Graph reference, "synchronizationJob: validateCredentials"). So only a 400 whose error code speaks of
    credentials, and not of something that is unavailable, counts as a no. After anything else the job is started as it
    would be without the check.
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
