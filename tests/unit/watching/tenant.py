"""A tenant in memory that answers the watch's calls, and a clock that only the watch moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.errors import GraphRefused, GraphUnavailable
from shared.graph.job import parse_job
from shared.outcome import Reason
from shared.settings import Settings
from shared.watching.questions import Time
from shared.watching.run import watch
from tests.unit.fake_ledger import FakeLedger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from shared.event.status_event import StatusEvent
    from shared.graph.batch import Answered
    from shared.graph.client import GraphCall
    from shared.graph.job import SynchronizationJob
    from shared.request.start_request import StartRequest

BEGAN = 1_795_600_000.0
"""When the first run begins, in seconds since 1970."""


def principal(number: int) -> str:
    """An object id."""
    return f"{number:08x}-0000-4000-8000-000000000000"


def refused(reason: Reason, status: int, operation: str = "list") -> GraphRefused:
    """A refusal of Graph."""
    return GraphRefused(reason, operation=operation, status=status, code="Code", detail="Detail.")


NOT_FOUND = refused(Reason.NOT_FOUND, 404)
FORBIDDEN = refused(Reason.PERMISSION_MISSING, 403)


@dataclass
class FakeTenant:
    """Applications with their jobs. `before` is called with each path, and may raise. A call takes `seconds`."""

    jobs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    app_ids: dict[str, str] = field(default_factory=dict)
    page_size: int = 500
    seconds: float = 0.1
    before: Callable[[str], None] = lambda _: None
    ledger: FakeLedger = field(default_factory=FakeLedger)
    asked: list[StartRequest] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    calls: list[GraphCall] = field(default_factory=list)
    now: float = BEGAN
    put_fault: Exception | None = None

    def run(self, seconds: float = 100.0, **environment: str) -> list[StatusEvent]:
        """Run the watch once, for at most that many seconds."""
        settings = Settings.from_environment(environment)
        left = Time(self.now + seconds, lambda: self.now, self._sleep)
        return watch(settings, self, self.ledger, self._put, left=left)  # type: ignore[arg-type]

    def get_all(self, operation: str, paths: Sequence[str]) -> list[Answered]:
        assert 0 < len(paths) <= 20
        self.now += self.seconds
        return [self._get(operation, path) for path in paths]

    def page(self, operation: str, path: str) -> tuple[list[dict[str, Any]], str | None]:
        self.now += self.seconds
        self.pages.append(path)
        self.before(path)
        begin = int(path.partition("skiptoken=")[2] or 0)
        ids = list(self.jobs)[begin : begin + self.page_size]
        following = begin + self.page_size
        items = [{"id": each, "appId": self.app_ids.get(each), "servicePrincipalType": "Application"} for each in ids]
        return items, f"servicePrincipals?$skiptoken={following}" if following < len(self.jobs) else None

    def jobs_in(self, page: dict[str, Any]) -> list[SynchronizationJob]:
        return [job for job in map(parse_job, page["value"]) if job is not None]

    def _get(self, operation: str, path: str) -> Answered:
        try:
            self.before(path)
        except (GraphUnavailable, GraphRefused) as error:
            return error
        if operation == "resolve":
            self.resolved.append(path)
            found = next((each for each, app_id in self.app_ids.items() if app_id in path), None)
            return {"id": found} if found is not None else NOT_FOUND
        object_id = path.split("/")[1]
        self.looks.append(object_id)
        return {"value": self.jobs[object_id]} if object_id in self.jobs else NOT_FOUND

    def _sleep(self, seconds: float) -> None:
        self.now += seconds

    def _put(self, request: StartRequest) -> None:
        if self.put_fault is not None:
            raise self.put_fault
        self.asked.append(request)
