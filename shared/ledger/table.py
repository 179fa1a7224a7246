"""The ledger in Azure Tables. The table is created by the first write; writes of entries are conditional."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from threading import get_ident
from typing import TYPE_CHECKING

from azure.core import MatchConditions
from azure.core.exceptions import (
    AzureError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.data.tables import UpdateMode

from shared.errors import JobBusy, LedgerUnavailable
from shared.ledger.entity import from_entity, keys, to_entity
from shared.ledger.entry import State
from shared.ledger.expansion import PARTITION, from_note, to_note
from shared.log import line, span

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from azure.data.tables import TableClient, TableEntity

    from shared.graph.gate import Gate
    from shared.ledger.entry import Entry
    from shared.ledger.expansion import Expansion
    from shared.request.reference import JobReference

RUNS = "runs"
"""The partition of notes that say when each timer last ran."""
TARGETS = "targets"
"""The partition of notes on the last answers of targets, such as "teams refused" and "teams delivered"."""

APPLICATIONS = "applications"
"""The partition of the names of applications."""

WATCH = "watch"
"""The partition of what the watch remembers (shared.watching.memory). Its rows are never removed for their age."""

_NO_TABLE = frozenset({"TableNotFound", "TableBeingDeleted"})
"""Error codes of a table that does not exist or is being deleted. Deletion takes at least 40 seconds, without an upper
bound (Microsoft Learn, "Delete Table"). During that time, reads answer 404."""
_CHANGED = (ResourceExistsError, ResourceModifiedError, ResourceNotFoundError)
"""Errors that mean that the entry has changed since it was read."""

_FOLLOWED = f"State eq '{State.STARTED}' or FatesDue gt 0"

_log = logging.getLogger(__name__)


class LedgerTable:
    """The entries of all jobs. All threads of the process use it."""

    def __init__(self, table: TableClient, gate: Gate) -> None:
        self._table = table
        self._gate = gate

    def get(self, job: JobReference) -> Entry | None:
        """The job's entry; None if it has none, or if there is no table yet.

        Raises LedgerUnavailable also for an entry that cannot be parsed: without it, a start is not safe.
        """
        with self._faults():
            try:
                entity = self._table.get_entity(*keys(job))
            except ResourceNotFoundError:
                return None
        try:
            return _entry(entity)
        except ValueError as error:
            raise LedgerUnavailable(f"the ledger's entry {_key(entity)} {error}") from error

    def put(self, entry: Entry) -> Entry:
        """Insert the entry if it has no etag, or else replace the version with that etag."""
        entity = to_entity(entry)
        with self._faults():
            answer = self._insert(entity) if entry.etag is None else self._replace(entity, entry.etag)
        return from_entity(entity, answer["etag"])

    def remove(self, entry: Entry) -> None:
        """Remove the entry. Raises JobBusy if it has changed."""
        with self._faults():
            self._delete(*keys(entry.job), etag=entry.etag or "")

    def expansion(self, request_id: str, message_id: str) -> Expansion | None:
        """The request's expansion, if it was noted for this message."""
        row = self.row(PARTITION, request_id)
        return from_note(row, message_id) if row is not None else None

    def note_expansion(self, request_id: str, message_id: str, expansion: Expansion) -> None:
        """Write the note. It is unconditional, because only one invocation at a time works on a message."""
        self.keep_row(to_note(request_id, message_id, expansion))

    def application_name(self, principal: str) -> str | None:
        """The stored display name of an application (shared.event.application_names); None if there is none."""
        row = self.row(APPLICATIONS, principal)
        name = row.get("DisplayName") if row is not None else None
        return name if isinstance(name, str) else None

    def keep_application_name(self, principal: str, name: str) -> None:
        """Store the display name of an application."""
        self.keep_row({"PartitionKey": APPLICATIONS, "RowKey": principal, "DisplayName": name})

    def rows(self, partition: str) -> list[dict[str, Any]]:
        """All rows of a partition that is not a service principal's. Empty if there is no table yet."""
        with self._faults():
            try:
                found = self._table.query_entities("PartitionKey eq @key", parameters={"key": partition})
                return [dict(row) for row in found]
            except ResourceNotFoundError:
                return []

    def row(self, partition: str, key: str) -> dict[str, Any] | None:
        """One row of such a partition; None if it does not exist."""
        with self._faults():
            try:
                return dict(self._table.get_entity(partition, key))
            except ResourceNotFoundError:
                return None

    def keep_row(self, row: dict[str, Any]) -> None:
        """Insert a row, or replace the one with its keys."""
        with self._faults():
            self._upsert(row)

    def drop_row(self, partition: str, key: str) -> None:
        """Remove a row, if it exists."""
        with self._faults():
            self._table.delete_entity(partition, key)

    def note(self, partition: str, name: str, columns: Mapping[str, Any]) -> None:
        """Write a note of RUNS or TARGETS, with the current time as At."""
        self.keep_row({"PartitionKey": partition, "RowKey": name, "At": datetime.now(UTC), **columns})

    def notes(self, partition: str) -> dict[str, Mapping[str, Any]] | None:
        """The notes of a partition by name; None if there is no table."""
        with self._faults():
            try:
                found = list(self._table.query_entities("PartitionKey eq @name", parameters={"name": partition}))
            except ResourceNotFoundError:
                return None
        return {each["RowKey"]: each for each in found}

    def followed(self) -> Iterator[Entry]:
        """The entries with a start whose fate was not reported yet.

        The service scans the whole table, 1,000 rows per request. It has the jobs that were started in the last 90
        days. An entry that cannot be parsed (edited by hand, or of a newer version) is logged and skipped.
        """
        with self._faults():
            try:
                for entity in self._table.query_entities(_FOLLOWED):
                    try:
                        entry = _entry(entity)
                    except ValueError as error:
                        _log.error(line("entry_unreadable", entry=_key(entity), error=error))
                        continue
                    yield entry
            except ResourceNotFoundError:
                return

    def remove_untouched(self, since: datetime, most: int) -> int:
        """Remove up to `most` rows that were not written since then, by the service's own Timestamp."""
        removed = 0
        with self._faults():
            try:
                query = "Timestamp lt @since and PartitionKey ne @kept"
                old = self._table.query_entities(query, parameters={"since": since, "kept": WATCH})
                for entity in islice(old, most):
                    try:
                        self._delete(entity["PartitionKey"], entity["RowKey"], etag=entity.metadata["etag"] or "")
                        removed += 1
                    except ResourceModifiedError:
                        continue  # It was used. The client says nothing of one that is gone.
            except ResourceNotFoundError:
                return removed
        return removed

    def _upsert(self, entity: dict[str, Any]) -> None:
        try:
            self._table.upsert_entity(entity, mode=UpdateMode.REPLACE)
        except ResourceNotFoundError:
            self._create_table()
            self._table.upsert_entity(entity, mode=UpdateMode.REPLACE)

    def _insert(self, entity: Mapping[str, Any]) -> Mapping[str, Any]:
        try:
            return self._table.create_entity(entity)
        except ResourceNotFoundError:
            self._create_table()
            return self._table.create_entity(entity)

    def _create_table(self) -> None:
        """Create the table. Several workers may do so at once."""
        try:
            self._table.create_table()
        except ResourceExistsError as error:
            if _code(error) in _NO_TABLE:
                raise
            return
        _log.warning(line("ledger_made", table=self._table.table_name))

    def _replace(self, entity: Mapping[str, Any], etag: str) -> Mapping[str, Any]:
        return self._table.update_entity(
            entity, mode=UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
        )

    def _delete(self, partition_key: str, row_key: str, *, etag: str) -> None:
        self._table.delete_entity(partition_key, row_key, etag=etag, match_condition=MatchConditions.IfNotModified)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Raise the service's errors as the app's own. A failed condition is JobBusy."""
        leave = self._gate.enter("", get_ident())  # A thread works on one request at a time.
        try:
            with span("ledger"):
                yield
        except AzureError as error:
            said = answer_of(error)
            if isinstance(error, _CHANGED) and _code(error) not in _NO_TABLE:
                leave.answered()
                raise JobBusy(f"the job's entry was changed meanwhile: the ledger's table {said}") from error
            unavailable = LedgerUnavailable(f"the ledger's table {said}")
            leave.failed(unavailable)
            raise unavailable from error
        except BaseException:
            leave.dropped()  # The token is missing, or the caller stopped reading a list.
            raise
        leave.answered()


def answer_of(error: AzureError) -> str:
    """The status and error code of the service's answer, or why there was none. Its messages have several lines."""
    kind = type(error).__name__
    if not isinstance(error, HttpResponseError) or error.status_code is None:
        return f"gave no answer: {kind}"
    return f"answered {error.status_code} {_code(error) or kind}"


def _code(error: AzureError) -> str | None:
    """The service's error code."""
    code = getattr(error, "error_code", None)
    return getattr(code, "value", code)


def _key(entity: TableEntity) -> str:
    """PartitionKey and RowKey, to find the entry in a storage browser."""
    return f"{entity.get('PartitionKey')}/{entity.get('RowKey')}"


def _entry(entity: TableEntity) -> Entry:
    return from_entity(entity, entity.metadata["etag"] or "")
