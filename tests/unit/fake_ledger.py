"""A ledger in memory: entities with ETags, as in the table."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING, Any

from shared.errors import JobBusy
from shared.ledger.entity import from_entity, keys, to_entity
from shared.ledger.entry import Entry, State, now
from shared.ledger.expansion import from_note, to_note

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from shared.ledger.expansion import Expansion
    from shared.request.reference import JobReference

type Key = tuple[str, str]


@dataclass
class FakeLedger:
    """Records its calls. `before` and `after` are called with the name of each call, and may raise."""

    before: Callable[[str], None] = lambda _: None
    after: Callable[[str], None] = lambda _: None
    calls: list[str] = field(default_factory=list)
    entities: dict[Key, dict[str, Any]] = field(default_factory=dict)
    etags: dict[Key, str] = field(default_factory=dict)
    touched: dict[Key, datetime] = field(default_factory=dict)
    notes: dict[str, dict[str, Any]] = field(default_factory=dict)
    others: dict[Key, dict[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._lock = Lock()
        self._versions = count(1)

    def get(self, job: JobReference) -> Entry | None:
        self._begin("get")
        with self._lock:
            entry = self._entry(keys(job))
        self.after("get")
        return entry

    def put(self, entry: Entry) -> Entry:
        self._begin("put")
        key = keys(entry.job)
        with self._lock:
            if self.etags.get(key) != entry.etag:
                raise JobBusy("the etag is another")
            self.entities[key] = to_entity(entry)
            self.etags[key] = f"v{next(self._versions)}"
            self.touched[key] = now()
            written = self._entry(key)
        self.after("put")
        assert written is not None
        return written

    def remove(self, entry: Entry) -> None:
        self._begin("remove")
        key = keys(entry.job)
        with self._lock:
            if self.etags.get(key) != entry.etag:
                raise JobBusy("the etag is another")
            del self.entities[key], self.etags[key], self.touched[key]
        self.after("remove")

    def expansion(self, request_id: str, message_id: str) -> Expansion | None:
        self._begin("expansion")
        note = self.notes.get(request_id)
        return from_note(note, message_id) if note is not None else None

    def note_expansion(self, request_id: str, message_id: str, expansion: Expansion) -> None:
        self._begin("note_expansion")
        self.notes[request_id] = to_note(request_id, message_id, expansion)

    def rows(self, partition: str) -> list[dict[str, Any]]:
        self._begin("rows")
        return [dict(row) for (key, _), row in self.others.items() if key == partition]

    def row(self, partition: str, key: str) -> dict[str, Any] | None:
        self._begin("row")
        return self.others.get((partition, key))

    def keep_row(self, row: dict[str, Any]) -> None:
        self._begin("keep_row")
        self.others[row["PartitionKey"], row["RowKey"]] = dict(row)

    def drop_row(self, partition: str, key: str) -> None:
        self._begin("drop_row")
        self.others.pop((partition, key), None)

    def followed(self) -> Iterator[Entry]:
        self._begin("followed")
        for key, entity in list(self.entities.items()):
            if entity["State"] == State.STARTED or entity["FatesDue"] > 0:
                entry = self._entry(key)
                assert entry is not None
                yield entry

    def remove_untouched(self, since: datetime, most: int) -> int:
        self._begin("remove_untouched")
        old = [key for key, moment in self.touched.items() if moment < since][:most]
        for key in old:
            del self.entities[key], self.etags[key], self.touched[key]
        return len(old)

    def end_leases(self) -> None:
        """Move the clock on until a dead worker's lease has ended, and a lost start has had time to show."""
        for entity in self.entities.values():
            if "LeaseUntil" in entity:
                entity["LeaseUntil"] = now() - timedelta(seconds=1)
                entity["StartedAt"] -= timedelta(minutes=5)

    @property
    def states(self) -> list[str]:
        """The state of each entry."""
        return [entity["State"] for entity in self.entities.values()]

    def _begin(self, name: str) -> None:
        self.calls.append(name)
        self.before(name)

    def _entry(self, key: Key) -> Entry | None:
        entity = self.entities.get(key)
        return None if entity is None else from_entity(entity, self.etags[key])
