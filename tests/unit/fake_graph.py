"""A fake Graph with one stateful job. It replaces the Graph client in tests about workers instead of HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from shared.graph.job import parse_job
from tests.examples import job_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from shared.graph.client import GraphCall
    from shared.graph.job import SynchronizationJob
    from shared.request.reference import JobReference


@dataclass
class FakeJob:
    """A job in quarantine. A start makes it Active, and is counted."""

    json: dict[str, Any] = field(default_factory=job_json)
    starts: int = 0
    started_while_active: int = 0

    def start(self) -> None:
        self.starts += 1
        self.started_while_active += self.json["status"]["code"] == "Active"
        self.json = job_json("Active")

    def quarantine(self, series_began: str) -> None:
        """Put the job into a new quarantine."""
        self.json = job_json()
        self.json["status"]["quarantine"]["seriesBegan"] = series_began


@dataclass
class FakeGraph:
    """`before` and `after` are called with the name of each call, and may raise: before it has an effect, or after."""

    job: FakeJob = field(default_factory=FakeJob)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    calls: list[GraphCall] = field(default_factory=list)

    def read(self, job: JobReference) -> SynchronizationJob:
        self.before("read")
        parsed = parse_job(self.job.json)
        self.after("read")
        assert parsed is not None
        return parsed

    def start(self, job: JobReference) -> None:
        self.before("start")
        self.job.start()
        self.after("start")
