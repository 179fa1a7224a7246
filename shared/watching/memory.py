"""What the watch remembers from run to run, in the ledger's table: its applications and their jobs, and its progress.

The rows as a storage browser shows them. One an application that has jobs, or that WATCH names by its application id
(RowKey is the object id); `dealt` says that nothing more is asked for in that episode:

    PartitionKey  watch
    RowKey        6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11
    AppId         c3a1b1de-7d2f-4f0f-8a77-1f9a6a0f2b22
    Jobs0         {"scim.1111…": {"code": "Quarantine", "episode": "2026-11-22T21:14:09.12Z", "dealt": true, …}}

One for all of them: how far the daily look at the tenant's applications has come (`next` is Graph's own path of the
next page, Left… the applications of the pages before it that gave no answer yet), and what Graph refuses since when:

    PartitionKey  watch
    RowKey        progress
    Pass          {"began": "2026-11-23T10:00:00.000Z", "next": "servicePrincipals?$select=…", "done": false}
    Refusals      {"permission_missing": {"since": "2026-11-23T10:00:00.000Z", "told": "2026-11-23T10:10:00.000Z"}}

And one a job that was held, or whose request failed, whoever asked; it is written with the event that says so:

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
"""The partition of the jobs that were held, or whose requests failed."""

MAX_COLUMN = 30_000
"""Longest text in a column, in characters; the service takes 64 KiB of UTF-16."""


class Rows(Protocol):
    """The ledger's table, as far as it keeps rows of others. Every method raises LedgerUnavailable."""

    def rows(self, partition: str) -> list[dict[str, Any]]:
        """All rows of a partition."""
        ...

    def row(self, partition: str, key: str) -> dict[str, Any] | None:
        """One row."""
        ...

    def keep_row(self, row: dict[str, Any]) -> None:
        """Write a row, in place of the one with its keys."""
        ...

    def drop_row(self, partition: str, key: str) -> None:
        """Remove a row, if it is there."""
        ...


class JobSeen(NamedTuple):
    """A job at the last look. The episode stays after it is over: an old answer may show it again."""

    code: str
    episode: str | None = None
    """What names its last quarantine: seriesBegan, or, where Graph gives none, when it was first seen."""
    dealt: bool = False
    """Whether nothing more is asked for in that episode."""
    reason: str | None = None
    """The reason of that quarantine."""

    def to_json(self) -> dict[str, Any]:
        """The object in the row."""
        fields = {"code": self.code, "episode": self.episode, "dealt": self.dealt or None, "reason": self.reason}
        return known(fields)


@dataclass(frozen=True, slots=True)
class Application:
    """An enterprise application, and its jobs at the last look."""

    object_id: str
    app_id: str | None = None
    jobs: Mapping[str, JobSeen] = field(default_factory=dict, hash=False)

    @property
    def path(self) -> str:
        """The path of its jobs."""
        return f"servicePrincipals/{self.object_id}/synchronization/jobs"


class Refusal(NamedTuple):
    """Since when Graph has refused something for one reason, and when a person was last told."""

    since: datetime
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """What is remembered beside the applications."""

    began: datetime | None = None
    """When the last look at all applications of the tenant began."""
    next_page: str | None = None
    """The path of the page that it goes on with; None: the first one, or it has seen all pages."""
    done: bool = False
    left: tuple[tuple[str, str], ...] = ()
    """Object and application ids of those on the pages before, that gave no answer yet."""
    refusals: Mapping[str, Refusal] = field(default_factory=dict)


class Dealt(NamedTuple):
    """When a job was last held, or its request failed."""

    at: datetime
    reason: str


class Memory:
    """Reads the rows, and writes them where they change."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._kept: dict[str, Application] = {}
        self._progress = Progress()

    @property
    def applications(self) -> dict[str, Application]:
        """The applications that are kept, by their object ids."""
        return dict(self._kept)

    def jobs_of(self, application: Application) -> Mapping[str, JobSeen]:
        """The jobs that are kept of an application."""
        kept = self._kept.get(application.object_id)
        return kept.jobs if kept is not None else {}

    @property
    def progress(self) -> Progress:
        """The progress that is kept."""
        return self._progress

    def read(self) -> None:
        """Read all of it. A row that can't be read counts as absent."""
        for row in self._rows.rows(WATCH):
            try:
                if row["RowKey"] == PROGRESS:
                    self._progress = _progress(row)
                else:
                    self._kept[row["RowKey"]] = _application(row)
            except (AttributeError, LookupError, TypeError, ValueError):
                continue

    def keep(self, application: Application) -> None:
        """Keep an application, unless it is kept so already."""
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
        """Keep the progress, unless it is kept so already."""
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
        """When the job was last held, or its request failed."""
        row = self._rows.row(DEALT, _key(job))
        at = parse_time(row["At"]) if row is not None else None
        return Dealt(at, str(row.get("Reason"))) if row is not None and at is not None else None

    def note_dealt(self, jobs: Iterable[tuple[JobReference, Dealt]]) -> None:
        """Note that these jobs were held, or their requests failed."""
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
    """A text in as many columns as it takes."""
    return {
        f"{name}{begin // MAX_COLUMN}": text[begin : begin + MAX_COLUMN] for begin in range(0, len(text), MAX_COLUMN)
    }


def _text(name: str, row: Mapping[str, Any]) -> str:
    columns = sum(column.startswith(name) for column in row)
    return "".join(row[f"{name}{index}"] for index in range(columns))
