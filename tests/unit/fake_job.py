"""A job that lives: it becomes Active when it is started, and counts its starts. Stands in for the Graph client."""

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
    """`before` and `after` are told the name of each call, and may raise: before it has an effect, or after."""

    json: dict[str, Any] = field(default_factory=job_json)
    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    starts: int = 0
    started_while_active: int = 0
    calls: list[GraphCall] = field(default_factory=list)

    def read(self, job: JobReference) -> SynchronizationJob:
        self.before("read")
        parsed = parse_job(self.json)
        self.after("read")
        assert parsed is not None
        return parsed

    def start(self, job: JobReference) -> None:
        self.before("start")
        self.starts += 1
        self.started_while_active += self.json["status"]["code"] == "Active"
        self.json = job_json("Active")
        self.after("start")

    def quarantine(self, series_began: str) -> None:
        """Put the job into a new quarantine."""
        self.json = job_json()
        self.json["status"]["quarantine"]["seriesBegan"] = series_began
