"""What a kind of sender is: its name, how it signs, how its payloads are read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.job_code import JobCode
from shared.request.start_request import MAX_REFERENCE, MAX_SUMMARY, RequestedBy, StartRequest, derive_request_id
from shared.settings import SECRET_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from shared.errors import Fault
    from shared.intake.signatures import Scheme
    from shared.json_text import Json
    from shared.request.reference import JobReference

START_WHEN = frozenset({JobCode.QUARANTINE})
"""What a payload asks for that does not say it: somebody who pauses a job means it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A body that was taken from a sender, and what came with it."""

    source: str
    value: Json
    delivery_id: str
    """The same whenever the sender sends the same thing again."""
    received: datetime
    traceparent: str | None = None

    def request_id(self, job: JobReference | None = None) -> str:
        """The id of the request that this payload makes for the job; of the payload as a whole, without a job."""
        return derive_request_id(self.source, self.delivery_id, "" if job is None else str(job))

    def requests(
        self,
        jobs: Iterable[JobReference],
        requested_by: RequestedBy,
        summaries: Mapping[JobReference, str] | None = None,
    ) -> tuple[StartRequest, ...]:
        """A start request for each job, with a summary of its own where one is given."""
        own = summaries or {}
        return tuple(
            StartRequest(
                request_id=self.request_id(job),
                job=job,
                requested_by=self.requested_by(requested_by.reference, own.get(job, requested_by.summary)),
                requested_at=self.received,
                start_when=START_WHEN,
                traceparent=self.traceparent,
            )
            for job in jobs
        )

    def requested_by(self, reference: str | None, summary: str | None) -> RequestedBy:
        """The sender in a request; texts are cut to what a request holds."""
        return RequestedBy(self.source, reference and reference[:MAX_REFERENCE], summary and summary[:MAX_SUMMARY])


@dataclass(frozen=True, slots=True)
class Found:
    """The payload asks for starts. `rejected` says which references are none."""

    requests: tuple[StartRequest, ...]
    rejected: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class NoReference:
    """The payload asks for a start, but not of which job: somebody has to see that."""

    requested_by: RequestedBy
    rejected: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """The payload is valid, and asks for nothing. The reason is a sentence for people."""

    reason: str


type Reading = Found | NoReference | Ignored


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of sender, known by the last segment of /api/start-requests/{name}."""

    name: str
    read: Callable[[Payload], Reading]
    """Raises InvalidRequest for a body that is not what this sender sends."""
    delivery_id: Callable[[Json, Mapping[str, str]], str | None]
    """From the body and the headers (names in lower case), what the sender calls this delivery; None: a digest.

    Of a signed delivery it gets only the headers that are signed: another one would make another request of it.
    """
    asked_by: Callable[[Json], tuple[str | None, str | None]]
    """From the body, the sender's own reference and a line for people. Any body may be asked, also a wrong one."""
    knows: Callable[[Json], bool]
    """Whether a value has the shape of this sender's bodies; what is wrapped around one is taken off."""
    signature: Scheme | None = None
    """None where the sender can't sign."""

    @property
    def secret_setting(self) -> str:
        """The setting that holds the secrets of this source."""
        return SECRET_PREFIX + self.name.upper().replace("-", "_")


def no_delivery_id(_value: Json, _headers: Mapping[str, str]) -> None:
    """For senders that don't name their deliveries."""


def delivery_id_in(header: str) -> Callable[[Json, Mapping[str, str]], str | None]:
    """For senders that name the delivery in a header."""
    return lambda _value, headers: headers.get(header)
