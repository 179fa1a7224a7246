"""The status event: the content of a message on the start-status queue (schemas/start-status.schema.json).

It is a CloudEvent 1.0 in structured JSON. Its id depends on what the event says, but not on times and calls of Graph.
So a consumer can drop an event whose id it has seen, and loses nothing. If a request is delivered twice, and finds its
job in another state the second time, it has two events. The result of a start is one event, whose id depends only on
the start and the reason.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.event.advice import advice
from shared.event.explain import message
from shared.json_text import known, write_json
from shared.mark import say
from shared.request.message import MAX_CONTENT, encode
from shared.text import shorten, visible
from shared.time_text import format_time

if TYPE_CHECKING:
    from datetime import datetime

    from shared.graph.client import GraphCall
    from shared.graph.job import SynchronizationJob
    from shared.request.reference import JobReference
    from shared.request.start_request import RequestedBy
    from shared.starting.ending import Ending

TYPE_PREFIX = "EntraProvisioning.SynchronizationJob.Start"
MAX_CALLS = 40
"""Most calls of Graph that an event lists. If there were more, it lists the last ones."""

_FOUND_OUT = frozenset({"graph", "waited", "requestedAt", "processingStartedAt", "jobStartedAt", "finishedAt"})
"""Data that say only when, and by which calls, the app found out the rest."""

_NAMESPACE = uuid.UUID("0b0c8f4e-7a55-5d0e-8c1f-2f6a0e0c7d31")


class StatusEvent(NamedTuple):
    """One event. Times are aware datetimes."""

    site_name: str
    request_id: str
    requested_by: RequestedBy
    requested_at: datetime
    began_at: datetime
    """When work on the request began, or, in an event about the result of a start, when the job was started."""
    finished_at: datetime
    ending: Ending
    job: JobReference | None = None
    application: str | None = None
    """The display name of the job's enterprise application."""
    calls: tuple[GraphCall, ...] = ()
    request: dict[str, Any] | None = None
    """The request itself, if a person may have to send it again."""
    received: str | None = None
    """The text that is not a valid request, if there is no request."""
    traceparent: str | None = None
    parent_request_id: str | None = None

    @property
    def event_id(self) -> str:
        """The id of the CloudEvent. It does not depend on whether the application's name was known."""
        if self.ending.fate is not None:
            started_at = format_time(self.ending.fate.started_at)
            job = str(self.job).lower()
            return _event_id(
                {"requestId": self.request_id, "job": job, "startedAt": started_at, "fate": self.ending.reason}
            )
        return _event_id(self._replace(application=None)._data())  # noqa: SLF001 - this class

    def to_json(self) -> dict[str, Any]:
        """The CloudEvent."""
        outcome, data = self.ending.reason.outcome, self._data()
        envelope = {
            "specversion": "1.0",
            "id": self.event_id,
            "source": f"/start-job-function/{self.site_name}",
            "type": f"{TYPE_PREFIX}{outcome.capitalize()}",
            "subject": str(self.job) if self.job is not None else None,
            "time": format_time(self.finished_at),
            "datacontenttype": "application/json",
            "traceparent": self.traceparent,
        }
        return {**known(envelope), "data": known(data)}

    def to_message(self) -> str:
        """The text of the queue message."""
        return encode(write_json(self.fitting(MAX_CONTENT)))

    def fitting(self, most: int) -> dict[str, Any]:
        """The CloudEvent in at most `most` bytes of JSON. If it has more, its longest texts and lists are cut."""
        event = fitting = self.to_json()
        longest = most
        while len(write_json(fitting)) > most:
            longest //= 2
            fitting = {**event, "data": _with_totals(_cut(event["data"], longest), event["data"])}
        return fitting

    def _data(self) -> dict[str, Any]:
        ending = self.ending
        return {
            "outcome": ending.reason.outcome,
            "reason": ending.reason,
            "message": say(shorten(visible(message(ending, self.job, self.application)))),
            "advice": advice(ending),
            "requestId": self.request_id,
            "parentRequestId": self.parent_request_id,
            "requestedBy": self.requested_by.to_json(),
            "job": self._job(),
            "starts": [start.to_json() for start in ending.starts] or None,
            "credentialCheck": ending.credential_check.to_json() if ending.credential_check else None,
            "recovery": ending.fate.to_json() if ending.fate else None,
            "waited": ending.waited.to_json() if ending.waited else None,
            "queued": [{"requestId": item.request_id, "jobId": item.job.job_id} for item in ending.queued] or None,
            "left": [job.to_json() for job in ending.left] or None,
            "graph": [call.to_json() for call in self.calls[-MAX_CALLS:]],
            "request": self.request,
            "received": None if self.received is None else shorten(self.received),
            "requestedAt": format_time(self.requested_at),
            "processingStartedAt" if ending.fate is None else "jobStartedAt": format_time(self.began_at),
            "finishedAt": format_time(self.finished_at),
        }

    def _job(self) -> dict[str, Any] | None:
        before = self.ending.before
        if self.job is None:
            return None
        return known(
            {
                "servicePrincipalId": self.job.service_principal_id,
                "appId": self.job.app_id,
                "jobId": self.job.job_id,
                "appDisplayName": self.application,
                "codeAfter": self.ending.code_after,
                **_job_before(before),
            }
        )


def _job_before(job: SynchronizationJob | None) -> dict[str, Any]:
    """What Graph showed of the job before the start, under Graph's names."""
    if job is None:
        return {}
    shown = job.to_json()
    status = shown["status"]
    return {
        "templateId": shown.get("templateId"),
        "codeBefore": status["code"],
        "schedule": shown.get("schedule"),
        **{name: value for name, value in status.items() if name not in ("code", "escrowsPruned")},
    }


def _event_id(data: dict[str, Any]) -> str:
    """The id for what the data say, without the names in _FOUND_OUT."""
    content = {name: value for name, value in data.items() if name not in _FOUND_OUT}
    return str(uuid.uuid5(_NAMESPACE, write_json(content)))


def _with_totals(cut: dict[str, Any], data: dict[str, Any]) -> dict[str, Any]:
    """The cut data, with the total number of requests and jobs if a list has only the first of them."""
    totals = {
        f"{name}Total": len(data[name])
        for name in ("queued", "left")
        if len(cut.get(name) or ()) < len(data.get(name) or ())
    }
    return {**cut, **totals}


def _cut(value: Any, longest: int) -> Any:
    """The value with each text cut to `longest` bytes of JSON, and its lists in proportion.

    The event fits before `longest` is so small that ids are cut.
    """
    match value:
        case str():
            while len(write_json(value)) > longest:
                value = shorten(value, len(value) // 2)
            return value
        case list():
            return [_cut(item, longest) for item in value[: longest // 30]]
        case dict():
            return {name: _cut(item, longest) for name, item in value.items()}
        case _:
            return value
