"""Parses a start request from JSON (schemas/start-request.schema.json), and gives each fault with its place."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from shared.errors import MAX_FAULTS, Fault, Faults, InvalidRequest
from shared.request.reference import JobReference, is_job_id, parse_guid, parse_job_path
from shared.request.start_request import (
    MAX_REFERENCE,
    MAX_SOURCE,
    MAX_SUMMARY,
    STARTABLE,
    RequestedBy,
    StartRequest,
)
from shared.request.traceparent import parse_traceparent
from shared.text import shorten
from shared.time_text import parse_time

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from shared.job_code import JobCode
    from shared.json_text import Json

MAX_NAME = 80
"""Longest field name that a fault shows in full, in characters. The sender chooses the names."""

FIELDS = frozenset(
    {
        "requestId",
        "servicePrincipalId",
        "appId",
        "jobId",
        "job",
        "startWhen",
        "force",
        "dryRun",
        "requestedBy",
        "requestedAt",
        "traceparent",
        "parentRequestId",
    }
)


class Defaults(NamedTuple):
    """Values for what a request does not say itself."""

    request_id: str
    source: str
    requested_at: datetime
    traceparent: str | None = None
    start_when: frozenset[JobCode] = frozenset(STARTABLE)


def parse_start_request(value: Json, defaults: Defaults, *, pointer: str = "", room: int = MAX_FAULTS) -> StartRequest:
    """Check a JSON value, and make a request from it.

    `pointer` is the JSON Pointer of the value in its document, and `room` the most faults to list. Raises
    InvalidRequest with the faults and their places.
    """
    if not isinstance(value, dict):
        raise InvalidRequest([Fault(pointer, f"a start request is a JSON object, not {_kind(value)}")])
    reader = _Reader(value, pointer, Faults(room))
    reader.no_other_fields(FIELDS)
    request = StartRequest(
        request_id=reader.guid("requestId") or defaults.request_id,
        job=reader.job(),
        requested_by=reader.requested_by(defaults.source),
        requested_at=reader.time("requestedAt") or defaults.requested_at,
        start_when=reader.start_when(defaults.start_when),
        force=reader.flag("force"),
        dry_run=reader.flag("dryRun"),
        traceparent=reader.traceparent() or defaults.traceparent,
        parent_request_id=reader.guid("parentRequestId"),
    )
    if reader.faults:
        raise InvalidRequest(reader.faults.made, reader.faults.count)
    return request


class _Reader:
    """Reads one field after another, and collects the faults. A null counts as absent."""

    def __init__(self, fields: Mapping[str, Json], pointer: str, faults: Faults) -> None:
        self._fields = fields
        self._pointer = pointer
        self.faults = faults

    def fault(self, name: str, detail: str) -> None:
        escaped = shorten(name, MAX_NAME).replace("~", "~0").replace("/", "~1")
        self.faults.add(f"{self._pointer}/{escaped}", detail)

    def no_other_fields(self, known: frozenset[str]) -> None:
        unknown = self._fields.keys() - known
        if not unknown:
            return
        detail = f"unknown field; the fields here are {', '.join(sorted(known))}"
        named = list(islice((name for name in self._fields if name in unknown), self.faults.room))
        for name in named:
            self.fault(name, detail)
        self.faults.count += len(unknown) - len(named)

    def text(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is None or isinstance(value, str):
            return value
        self.fault(name, f"must be a string, not {_kind(value)}")
        return None

    def guid(self, name: str) -> str | None:
        text = self.text(name)
        guid = None if text is None else parse_guid(text)
        if text is not None and guid is None:
            self.fault(name, "must be a GUID, such as 01234567-89ab-cdef-0123-456789abcdef")
        return guid

    def job(self) -> JobReference:
        if self._fields.get("job") is not None:
            return self._job_in_one_field()
        given = [name for name in ("servicePrincipalId", "appId") if self._fields.get(name) is not None]
        if not given:
            self.fault(
                "servicePrincipalId",
                "is missing; give the object id of the enterprise application here, or its application id as appId",
            )
        elif len(given) > 1:
            self.fault("appId", "can't be combined with servicePrincipalId; give exactly one of the two")
        job_id = self.text("jobId")
        if job_id is not None and not is_job_id(job_id):
            self.fault("jobId", "must be 1 to 200 letters, digits, dots, underscores and hyphens")
        return JobReference(self.guid("servicePrincipalId"), self.guid("appId"), job_id)

    def _job_in_one_field(self) -> JobReference:
        for name in ("servicePrincipalId", "appId", "jobId"):
            if self._fields.get(name) is not None:
                self.fault(name, "can't be combined with job; give either job or the ids")
        text = self.text("job")
        if text is None:
            return JobReference()
        job = parse_job_path(text)
        if job is None:
            from shared.request.portal_link import parse_portal_link  # not needed for other requests

            job = parse_portal_link(text)
        if job is None:
            self.fault(
                "job",
                "must be the path or URL of a job in Graph, such as "
                "servicePrincipals/{id}/synchronization/jobs/{jobId}, or the link of an "
                "application in the Entra admin center",
            )
        return job or JobReference()

    def start_when(self, default: frozenset[JobCode]) -> frozenset[JobCode]:
        value = self._fields.get("startWhen")
        if value is None:
            return default
        codes = {code.value: code for code in STARTABLE}
        if not isinstance(value, list) or not value or not all(isinstance(item, str) for item in value):
            self.fault("startWhen", f"must be an array of at least one of {', '.join(codes)}")
            return frozenset()
        other = [item for item in value if item not in codes]
        if other:
            # One fault for the whole list, which may have almost as many items as the body has bytes.
            more = f" and {len(other) - 1} more" if len(other) > 1 else ""
            self.fault(
                "startWhen", f"lists {str(other[0])[:40]!r}{more}; a job can be started in {' and '.join(codes)} only"
            )
        return frozenset(code for name, code in codes.items() if name in value)

    def flag(self, name: str) -> bool:
        value = self._fields.get(name)
        if value is None or isinstance(value, bool):
            return bool(value)
        self.fault(name, f"must be true or false, not {_kind(value)}")
        return False

    def time(self, name: str) -> datetime | None:
        text = self.text(name)
        if text is None:
            return None
        moment = parse_time(text)
        if moment is None:
            self.fault(name, "must be an RFC 3339 time with an offset, such as 2026-11-23T10:00:00Z")
        return moment

    def traceparent(self) -> str | None:
        text = self.text("traceparent")
        parsed = parse_traceparent(text)
        if text is not None and parsed is None:
            self.fault(
                "traceparent",
                "must be a W3C traceparent: 00-<32 hex>-<16 hex>-<2 hex>, in lower case, its ids not all zero",
            )
        return parsed

    def requested_by(self, default_source: str) -> RequestedBy:
        value = self._fields.get("requestedBy")
        if value is None:
            return RequestedBy(default_source)
        if not isinstance(value, dict):
            self.fault("requestedBy", f"must be an object, not {_kind(value)}")
            return RequestedBy(default_source)
        inner = _Reader(value, f"{self._pointer}/requestedBy", self.faults)
        inner.no_other_fields(frozenset({"source", "reference", "summary"}))
        return RequestedBy(
            source=inner.bounded("source", MAX_SOURCE) or default_source,
            reference=inner.bounded("reference", MAX_REFERENCE),
            summary=inner.bounded("summary", MAX_SUMMARY),
        )

    def bounded(self, name: str, longest: int) -> str | None:
        text = self.text(name)
        if text is not None and len(text) > longest:
            self.fault(name, f"has {len(text)} characters; {longest} are allowed")
        return text


def _kind(value: Json) -> str:
    """The JSON type of the value, such as "an array"."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case str():
            return "a string"
        case int() | float():
            return "a number"
        case list():
            return "an array"
        case _:
            return "an object"
