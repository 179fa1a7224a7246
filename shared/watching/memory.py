"""The memory of the watch between runs, in the ledger's table: applications with their jobs, and progress.

These are the rows as a storage browser shows them. Each application that has jobs, or whose application id is in WATCH,
has a row. RowKey is the object id. `dealt` means that the watch makes no further request in that episode.

    PartitionKey  watch
    RowKey        6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11
    AppId         c3a1b1de-7d2f-4f0f-8a77-1f9a6a0f2b22
    Jobs0         {"scim.1111…": {"code": "Quarantine", "episode": "2026-11-22T21:14:09.12Z", "dealt": true, …}}

One row is for all of them. Pass says how far the daily round through the tenant's applications has come: `next` is
Graph's path of the next page. Left… has the applications of earlier pages that have no answer yet. Refusals says what
Graph refuses, and since when.

    PartitionKey  watch
    RowKey        progress
    Pass          {"began": "2026-11-23T10:00:00.000Z", "next": "servicePrincipals?$select=…", "done": false}
    Refusals      {"permission_missing": {"since": "2026-11-23T10:00:00.000Z", "told": "2026-11-23T10:10:00.000Z"}}

Each job that was held, or for which a request failed, has a row, whichever sender made the request. It is written with
the event.

    PartitionKey  dealt
    RowKey        6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11.scim.1111…
    At            2026-11-23T10:00:00.000Z
    Reason        too_many_deletes
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from shared.json_text import known
from shared.ledger.entity import keys
from shared.ledger.table import WATCH
from shared.time_text import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.request.reference import JobReference

PROGRESS = "progress"
"""The RowKey of the row for all applications."""

DEALT = "dealt"
"""The partition of the jobs that were held, or for which a request failed."""

MAX_COLUMN = 30_000
"""The most characters in a column. The service allows 64 KiB of UTF-16."""


class Rows(Protocol):
    """The part of the ledger's table that the watch uses. Every method raises LedgerUnavailable."""

    def rows(self, partition: str) -> list[dict[str, Any]]:
        """All rows of a partition."""
        ...

    def row(self, partition: str, key: str) -> dict[str, Any] | None:
        """One row; None if it does not exist."""
        ...

    def keep_row(self, row: dict[str, Any]) -> None:
        """Insert a row, or replace the one with its keys."""
        ...

    def drop_row(self, partition: str, key: str) -> None:
        """Remove a row, if it exists."""
        ...


class JobSeen(NamedTuple):
    """A job at the last read. An episode is kept after its end, because a replica may show it again."""

    code: str
    episode: str | None = None
    """Identifies the last quarantine: seriesBegan, or else when the watch first saw it."""
    dealt: bool = False
    """Whether the watch makes no further request in that episode."""
    reason: str | None = None
    """The reason of that quarantine."""

    def to_json(self) -> dict[str, Any]:
        """The object in the row."""
        fields = {"code": self.code, "episode": self.episode, "dealt": self.dealt or None, "reason": self.reason}
        return known(fields)


@dataclass(frozen=True, slots=True)
class Application:
    """An enterprise application, and its jobs at the last read."""

    object_id: str
    app_id: str | None = None
    jobs: Mapping[str, JobSeen] = field(default_factory=dict, hash=False)

    @property
    def path(self) -> str:
        """Graph's path of its jobs."""
        return f"servicePrincipals/{self.object_id}/synchronization/jobs"


class Refusal(NamedTuple):
    """Since when Graph refuses something for one reason, and when an event last reported it."""

    since: datetime
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of the round through the tenant's applications, and the refusals."""

    began: datetime | None = None
    """When the round began."""
    next_page: str | None = None
    """Graph's path of the next page; None before the first round, and after the last page."""
    done: bool = False
    """Whether all applications have answered."""
    left: tuple[tuple[str, str], ...] = ()
    """Object and application ids of applications on earlier pages that have no answer yet."""
    refusals: Mapping[str, Refusal] = field(default_factory=dict)


class Dealt(NamedTuple):
    """When a job was last held, or a request for it failed."""

    at: datetime
    reason: str


class Memory:
    """Reads the rows, and writes those that change."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._kept: dict[str, Application] = {}
        self._progress = Progress()

    @property
    def applications(self) -> dict[str, Application]:
        """The remembered applications, by their object ids."""
        return dict(self._kept)

    def jobs_of(self, application: Application) -> Mapping[str, JobSeen]:
        """The remembered jobs of an application."""
        kept = self._kept.get(application.object_id)
        return kept.jobs if kept is not None else {}

    @property
    def progress(self) -> Progress:
        """The remembered progress."""
        return self._progress

    def read(self) -> None:
        """Read all rows. A row that cannot be parsed counts as absent."""
        for row in self._rows.rows(WATCH):
            try:
                if row["RowKey"] == PROGRESS:
                    self._progress = _progress(row)
                else:
                    self._kept[row["RowKey"]] = _application(row)
            except (AttributeError, LookupError, TypeError, ValueError):
                continue

    def keep(self, application: Application) -> None:
        """Remember an application. Nothing is written if it has not changed."""
        if self._kept.get(application.object_id) == application:
            return
        text = json.dumps({job_id: seen.to_json() for job_id, seen in application.jobs.items()})
        row = {"PartitionKey": WATCH, "RowKey": application.object_id, "AppId": application.app_id}
        self._rows.keep_row({**known(row), **_columns("Jobs", text)})
        self._kept[application.object_id] = application

    def drop(self, application: Application) -> None:
        """Forget an application."""
        if self._kept.pop(application.object_id, None) is not None:
            self._rows.drop_row(WATCH, application.object_id)

    def keep_progress(self, progress: Progress) -> None:
        """Remember the progress. Nothing is written if it has not changed."""
        if progress == self._progress:
            return
        began = format_time(progress.began) if progress.began is not None else None
        passed = known({"began": began, "next": progress.next_page, "done": progress.done})
        refusals = {
            key: known({"since": format_time(since), "told": format_time(told) if told is not None else None})
            for key, (since, told) in progress.refusals.items()
        }
        self._rows.keep_row(
            {
                "PartitionKey": WATCH,
                "RowKey": PROGRESS,
                "Pass": json.dumps(passed),
                "Refusals": json.dumps(refusals),
                **_columns("Left", json.dumps(progress.left)),
            }
        )
        self._progress = progress

    def dealt(self, job: JobReference) -> Dealt | None:
        """When the job was last held, or a request for it failed; None if neither happened."""
        row = self._rows.row(DEALT, _key(job))
        at = parse_time(row["At"]) if row is not None else None
        return Dealt(at, str(row.get("Reason"))) if row is not None and at is not None else None

    def note_dealt(self, jobs: Iterable[tuple[JobReference, Dealt]]) -> None:
        """Note that these jobs were held, or that requests for them failed."""
        for job, dealt in jobs:
            key = {"PartitionKey": DEALT, "RowKey": _key(job)}
            self._rows.keep_row({**key, "At": format_time(dealt.at), "Reason": str(dealt.reason)})


def _key(job: JobReference) -> str:
    return ".".join(keys(job))


def _application(row: Mapping[str, Any]) -> Application:
    jobs = {
        job_id: JobSeen(seen["code"], seen.get("episode"), seen.get("dealt", False), seen.get("reason"))
        for job_id, seen in json.loads(_text("Jobs", row)).items()
    }
    return Application(row["RowKey"], row.get("AppId"), jobs)


def _progress(row: Mapping[str, Any]) -> Progress:
    passed, refusals = json.loads(row["Pass"]), json.loads(row["Refusals"])
    return Progress(
        began=parse_time(passed.get("began") or ""),
        next_page=passed.get("next"),
        done=passed["done"],
        left=tuple((object_id, app_id) for object_id, app_id in json.loads(_text("Left", row))),
        refusals={
            key: Refusal(datetime.fromisoformat(each["since"]), parse_time(each.get("told") or ""))
            for key, each in refusals.items()
        },
    )


def _columns(name: str, text: str) -> dict[str, str]:
    """The text in as many columns as it needs."""
    return {
        f"{name}{begin // MAX_COLUMN}": text[begin : begin + MAX_COLUMN] for begin in range(0, len(text), MAX_COLUMN)
    }


def _text(name: str, row: Mapping[str, Any]) -> str:
    columns = sum(column.startswith(name) for column in row)
    return "".join(row[f"{name}{index}"] for index in range(columns))
