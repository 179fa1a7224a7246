"""The status table: the events of the last 30 days, by request and by application."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from itertools import groupby, islice
from threading import get_ident
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.data.tables import UpdateMode

from shared.errors import StatusUnavailable
from shared.ledger.table import answer_of
from shared.log import line
from shared.status.address import KEPT_FOR
from shared.status.entity import day, days, event_of, to_entity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from azure.data.tables import TableClient

    from shared.event.status_event import StatusEvent
    from shared.graph.gate import Gate

MAX_BATCH = 100
"""Most entities that the service writes in one call."""

type Event = dict[str, Any]

_log = logging.getLogger(__name__)


class StatusTable:
    """The stored status events. Used by all threads of the process. Every method raises StatusUnavailable."""

    def __init__(self, table: TableClient, gate: Gate) -> None:
        self._table = table
        self._gate = gate

    def keep(self, events: Iterable[StatusEvent]) -> None:
        """Write events. One event takes one call."""
        entities = {(each["PartitionKey"], each["RowKey"]): each for each in map(to_entity, events)}
        with self._faults():
            for _, group in groupby(sorted(entities), key=lambda key: key[0]):
                keys = list(group)
                for begin in range(0, len(keys), MAX_BATCH):
                    self._write([entities[key] for key in keys[begin : begin + MAX_BATCH]])

    def of_request(self, request_id: str, since: datetime, until: datetime) -> list[Event]:
        """The events of a request that were made between these times, oldest first. Each day takes one call."""
        first, end = f"{request_id} ", f"{request_id}!"  # "!" sorts directly after the blank
        found = [
            event
            for partition in days(since, until)
            for event in self._query(
                "PartitionKey eq @day and RowKey ge @first and RowKey lt @end",
                {"day": partition, "first": first, "end": end},
            )
        ]
        return sorted(found, key=lambda event: str(event["time"]))

    def of_application(self, principal: str, since: datetime, until: datetime) -> Iterator[Event]:
        """The events of an application's jobs between these times, newest first. Each day read takes one call."""
        for partition in reversed(list(days(since, until))):
            found = self._query(
                "PartitionKey eq @day and ServicePrincipalId eq @principal", {"day": partition, "principal": principal}
            )
            yield from sorted(found, key=lambda event: (str(event["time"]), str(event["id"])), reverse=True)

    def remove_old(self, now: datetime, most: int) -> int:
        """Remove events older than KEPT_FOR, at most `most` of them, and return how many."""
        with self._faults():
            try:
                old = self._table.query_entities(
                    "PartitionKey lt @day",
                    parameters={"day": day(now - KEPT_FOR)},
                    select=["PartitionKey", "RowKey"],
                )
                keys = [(each["PartitionKey"], each["RowKey"]) for each in islice(old, most)]
                for partition, group in groupby(keys, key=lambda key: key[0]):
                    rows = [{"PartitionKey": partition, "RowKey": row} for _, row in group]
                    for begin in range(0, len(rows), MAX_BATCH):
                        batch = [("delete", row) for row in rows[begin : begin + MAX_BATCH]]
                        self._table.submit_transaction(batch)
            except ResourceNotFoundError:
                return 0  # There is no table yet, or another instance has removed them.
        return len(keys)

    def _query(self, filter_text: str, parameters: dict[str, str]) -> list[Event]:
        with self._faults():
            try:
                found = list(self._table.query_entities(filter_text, parameters=parameters))
            except ResourceNotFoundError:
                return []
        return [event_of(each) for each in found]

    def _write(self, entities: list[dict[str, Any]]) -> None:
        try:
            self._put(entities)
        except ResourceNotFoundError:
            self._create_table()
            self._put(entities)

    def _put(self, entities: list[dict[str, Any]]) -> None:
        if len(entities) == 1:
            self._table.upsert_entity(entities[0], mode=UpdateMode.REPLACE)
        else:
            self._table.submit_transaction([("upsert", entity, {"mode": UpdateMode.REPLACE}) for entity in entities])

    def _create_table(self) -> None:
        """Create the table. Several workers may do so at once."""
        try:
            self._table.create_table()
        except ResourceExistsError:
            return
        _log.info(line("status_table_made", table=self._table.table_name))

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Raise the service's errors as StatusUnavailable."""
        leave = self._gate.enter("", get_ident())
        try:
            yield
        except AzureError as error:
            unavailable = StatusUnavailable(f"the status table {answer_of(error)}")
            leave.failed(unavailable)
            raise unavailable from error
        except BaseException:
            leave.dropped()
            raise
        leave.answered()
