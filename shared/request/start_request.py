"""The start request: which job to start, in which states, and who asks for it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, NamedTuple

from shared.job_code import JobCode
from shared.json_text import known
from shared.time_text import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from shared.json_text import Json
    from shared.request.reference import JobReference

STARTABLE = (JobCode.QUARANTINE, JobCode.PAUSED)
"""The status codes in which a job can be started at all."""

MAX_SOURCE, MAX_REFERENCE, MAX_SUMMARY = 64, 256, 512
"""Longest texts of requestedBy, in characters."""

_NAMESPACE = uuid.UUID("5b3c1f6e-0d8a-5c0e-9a55-6f3b1d6c2a10")


class RequestedBy(NamedTuple):
    """Who asks: the kind of sender, its own reference (alert id, ticket key), and a line for people."""

    source: str
    reference: str | None = None
    summary: str | None = None

    def to_json(self) -> dict[str, str]:
        """The object in messages, without members that are not known."""
        fields = {"source": self.source, "reference": self.reference, "summary": self.summary}
        return known(fields)


class StartRequest(NamedTuple):
    """One request to start one job, or every startable job of a service principal."""

    request_id: str
    job: JobReference
    requested_by: RequestedBy
    requested_at: datetime
    start_when: frozenset[JobCode] = frozenset(STARTABLE)
    force: bool = False
    """Start the job even if a hold applies, but never an Active job."""
    dry_run: bool = False
    traceparent: str | None = None
    parent_request_id: str | None = None
    """The request without a job id that this one was made from."""

    def for_job(self, job_id: str) -> StartRequest:
        """The same request for one job of the service principal. The same job always gives the same request id."""
        return self._replace(
            request_id=derive_request_id(self.request_id, job_id),
            job=self.job._replace(job_id=job_id),
            parent_request_id=self.request_id,
        )

    def to_json(self) -> dict[str, Json]:
        """The object in messages."""
        fields: dict[str, Json] = {
            "requestId": self.request_id,
            "servicePrincipalId": self.job.service_principal_id,
            "appId": self.job.app_id,
            "jobId": self.job.job_id,
            "startWhen": [code.value for code in STARTABLE if code in self.start_when],
            "force": self.force,
            "dryRun": self.dry_run,
            "requestedBy": self.requested_by.to_json(),
            "requestedAt": format_time(self.requested_at),
            "traceparent": self.traceparent,
            "parentRequestId": self.parent_request_id,
        }
        return known(fields)


def derive_request_id(*parts: str) -> str:
    """A request id (UUID version 5) that is always the same for the same parts."""
    # JSON can contain halves of surrogate pairs, which strict UTF-8 can't encode.
    return str(uuid.uuid5(_NAMESPACE, "\x1f".join(parts).encode("utf-8", "surrogatepass")))
