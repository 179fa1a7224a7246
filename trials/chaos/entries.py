"""Unreadable entries of the ledger, as edited by hand or written by a newer version."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import AzureError, ResourceExistsError, ResourceModifiedError
from azure.data.tables import TableClient, UpdateMode

from trials.chaos.faults import Fault

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.parts.system import LocalSystem

_TABLE: Final = "StartLedger"
_ODD: Final = "odd"
_PATIENCE_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.2

BROKEN: Final[tuple[Mapping[str, Any], ...]] = (
    {"EarlierStarts": '[{"State": "Started"'},
    {"EarlierStarts": '[{"State": "Started"}]'},
    {"EndedReason": "started_by_a_later_version"},
    {"Job": "null"},
    {"FollowUntil": "tomorrow"},
)
"""Changes that make an entry unreadable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBreaks(Fault):
    """Makes one entry unreadable, until it is repaired."""

    which: float
    """Which of the entries: 0 is the first, just below 1 the last."""
    change: Mapping[str, Any]
    seconds: float

    @property
    def part(self) -> str:
        """See Fault."""
        return "entries"

    def happen(self, system: LocalSystem) -> None:
        """See Fault."""
        with _table(system) as table, suppress(AzureError):
            entries = [entity for entity in table.list_entities() if entity.get("JobId", _ODD) != _ODD]
            if not entries:
                return
            entry = entries[int(self.which * len(entries))]
            etag = entry.metadata["etag"]
            broken = table.update_entity(
                {**entry, **self.change}, UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
            )
            sleep(self.seconds)
            _put_right(table, entry, broken["etag"])


def leave_odd_entries(system: LocalSystem) -> None:
    """Add two entries of jobs that are not requested, which look as if they had to be followed."""
    with _table(system) as table:
        with suppress(ResourceExistsError):
            table.create_table()
        for number in (1, 2):
            odd = {"PartitionKey": f"odd-{number}", "RowKey": _ODD, "JobId": _ODD, "State": "Started"}
            table.upsert_entity({**odd, "Job": "null"})


def _put_right(table: TableClient, entry: Mapping[str, Any], etag: str) -> None:
    """Repair the entry. Tries again while storage is down."""
    deadline = monotonic() + _PATIENCE_SECONDS
    while monotonic() < deadline:
        try:
            table.update_entity(
                dict(entry), UpdateMode.REPLACE, etag=etag, match_condition=MatchConditions.IfNotModified
            )
        except ResourceModifiedError:
            return  # repaired by a call whose answer was lost
        except AzureError:
            sleep(_PAUSE_SECONDS)
        else:
            return


def _table(system: LocalSystem) -> TableClient:
    """The ledger's table, without injected faults."""
    return TableClient.from_connection_string(system.storage, _TABLE, retry_total=0)
