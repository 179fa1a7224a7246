"""Faults: what goes wrong with the next calls that match."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from local.cloud.fields import Fields


class ServiceName(StrEnum):
    """Whose calls a fault meets."""

    ANY = ""
    GRAPH = "graph"
    IDENTITY = "identity"
    TABLES = "tables"
    QUEUES = "queues"


class Drop(StrEnum):
    """When the connection is dropped: before the work is done, or after it and before its answer."""

    NEVER = ""
    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault; see the package for its fields."""

    service: ServiceName
    method: str | None
    path_contains: str
    path_ends_with: str
    times: int | None
    status: int | None
    headers: Mapping[str, str]
    body: Any
    delay_seconds: float
    answer_after_seconds: float
    drop: Drop

    def matches(self, service: ServiceName, method: str, path: str) -> bool:
        """Whether a call is one of those that it meets."""
        is_of_service = self.service in (ServiceName.ANY, service)
        is_of_path = self.path_contains in path and path.endswith(self.path_ends_with)
        return is_of_service and self.method in (None, method) and is_of_path


def parse_fault(value: object) -> Fault:
    """Read a fault as it is posted. Raises ValueError."""
    fields = Fields(value, "fault")
    match = fields.fields("match") or Fields({}, "fault.match")
    method = match.text("method")
    fault = Fault(
        service=match.one_of("service", ServiceName, ServiceName.ANY),
        method=None if method is None else method.upper(),
        path_contains=match.text("pathContains") or "",
        path_ends_with=match.text("pathEndsWith") or "",
        times=None if fields.is_null("times") else fields.count("times", 1),
        status=fields.status("status"),
        headers=fields.texts("headers"),
        body=fields.anything("body"),
        delay_seconds=fields.seconds("delaySeconds"),
        answer_after_seconds=fields.seconds("answerAfterSeconds"),
        drop=fields.one_of("dropConnection", Drop, Drop.NEVER),
    )
    match.end()
    fields.end()
    if fault.status is not None and fault.drop:
        raise ValueError("fault has both a status and a dropConnection: a dropped connection gives no status")
    if fault.status is None and (fault.headers or fault.body is not None):
        raise ValueError("fault has headers or a body, but no status")
    if fault.answer_after_seconds and (fault.status is not None or fault.drop):
        raise ValueError("fault has answerAfterSeconds, but a status or a dropConnection in place of the answer")
    if fault.status is None and not fault.drop and not fault.delay_seconds and not fault.answer_after_seconds:
        raise ValueError("fault does nothing: give status, dropConnection, delaySeconds or answerAfterSeconds")
    return fault


@dataclass(slots=True)
class _Waiting:
    fault: Fault
    left: int | None


class Faults:
    """The faults that are still to happen, in the order in which they came."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def add(self, fault: Fault) -> None:
        """Wait for a call that matches."""
        self._waiting.append(_Waiting(fault, fault.times))

    def clear(self) -> None:
        """Take all of them back."""
        self._waiting.clear()

    def take(self, service: ServiceName, method: str, path: str) -> Fault | None:
        """The fault that this call meets."""
        for waiting in self._waiting:
            if waiting.fault.matches(service, method, path):
                if waiting.left is not None:
                    waiting.left -= 1
                    if not waiting.left:
                        self._waiting.remove(waiting)
                return waiting.fault
        return None
