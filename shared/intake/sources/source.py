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
"""The default of startWhen for payloads. Paused is not in it, because a person pauses a job on purpose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A body from a sender, and what came with it."""

    source: str
    value: Json
    delivery_id: str
    """The same each time that the sender sends the same thing."""
    received: datetime
    traceparent: str | None = None

    def request_id(self, job: JobReference | None = None) -> str:
        """The id of the request for a job that this payload names, or, without a job, of the payload as a whole."""
        return derive_request_id(self.source, self.delivery_id, "" if job is None else str(job))

    def requests(
        self,
        jobs: Iterable[JobReference],
        requested_by: RequestedBy,
        summaries: Mapping[JobReference, str] | None = None,
    ) -> tuple[StartRequest, ...]:
        """A start request for each job, with a summary of its own if one is given."""
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
        """The requestedBy of a request, with texts cut to the limits of a request."""
        return RequestedBy(self.source, reference and reference[:MAX_REFERENCE], summary and summary[:MAX_SUMMARY])


@dataclass(frozen=True, slots=True)
class Found:
    """The payload asks for starts. `rejected` has the invalid references."""

    requests: tuple[StartRequest, ...]
    rejected: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class NoReference:
    """The payload asks for a start, but names no valid job. A person has to see that."""

    requested_by: RequestedBy
    rejected: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """The payload is valid, and asks for nothing. The reason is a sentence for people."""

    reason: str


type Reading = Found | NoReference | Ignored


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of sender. Its name is the last segment of /api/start-requests/{name}."""

    name: str
    read: Callable[[Payload], Reading]
    """Raises InvalidRequest for a body that is not what this sender sends."""
    delivery_id: Callable[[Json, Mapping[str, str]], str | None]
    """The sender's id of a delivery, from the body and the headers (names in lower case). If None, a digest is used.

    From a signed delivery, it gets only the signed headers. An attacker could change others, and repeat the request.
    """
    asked_by: Callable[[Json], tuple[str | None, str | None]]
    """The sender's own reference and a line for people, from the body. It must accept any body, even an invalid one."""
    knows: Callable[[Json], bool]
    """Whether a value has the form of this sender's bodies. The app removes wrappers around such a value."""
    signature: Scheme | None = None
    """None if the sender can't sign."""

    @property
    def secret_setting(self) -> str:
        """The setting that holds the secrets of this source."""
        return SECRET_PREFIX + self.name.upper().replace("-", "_")


def no_delivery_id(_value: Json, _headers: Mapping[str, str]) -> None:
    """For senders without ids of deliveries."""


def delivery_id_in(header: str) -> Callable[[Json, Mapping[str, str]], str | None]:
    """For senders with the delivery's id in a header."""
    return lambda _value, headers: headers.get(header)
