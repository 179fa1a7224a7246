"""Status events as entities of the status table.

A row as a storage browser shows it; PartitionKey is the day on which the event was made:

    PartitionKey        2026-11-27
    RowKey              0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e33 fd42d48c-7fa8-585c-ad7e-eab8769a5c8d
    Time                2026-11-27T10:00:03.120Z
    ServicePrincipalId  6f1f5c0e-3b0c-4f0c-9d43-0a5a4c3c1e11
    Outcome, Reason     started, quarantine_cleared
    Event0, Event1      {"specversion": "1.0", "id": "fd42d48c-…", …}

If the same event is made again, it replaces its row. All events of a request on one day are one range of rows. All
events of one day are one partition, which is removed after 30 days.
"""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from shared.json_text import known, write_json
from shared.request.message import MAX_CONTENT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from shared.event.status_event import StatusEvent

MAX_COLUMN = 30_000
"""Longest text in a column, in characters; the service takes 64 KiB of UTF-16."""


def day(time: datetime) -> str:
    """The partition of events that were made at that time."""
    return f"{time.astimezone(UTC):%Y-%m-%d}"


def days(first: datetime, last: datetime) -> Iterator[str]:
    """The partitions from one time to another, oldest first."""
    at = first.astimezone(UTC).date()
    while at <= last.astimezone(UTC).date():
        yield f"{at:%Y-%m-%d}"
        at += timedelta(days=1)


def to_entity(event: StatusEvent) -> dict[str, Any]:
    """The columns of an event."""
    value = event.fitting(MAX_CONTENT)
    data = value["data"]
    text = write_json(value)
    parts = [text[begin : begin + MAX_COLUMN] for begin in range(0, len(text), MAX_COLUMN)]
    return {
        "PartitionKey": day(event.finished_at),
        "RowKey": f"{event.request_id} {value['id']}",
        "Time": value["time"],
        "Outcome": str(data["outcome"]),
        "Reason": str(data["reason"]),
        **known({"ServicePrincipalId": data.get("job", {}).get("servicePrincipalId")}),
        **{f"Event{index}": part for index, part in enumerate(parts)},
    }


def event_of(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The event in the columns. Raises KeyError or ValueError if there is none."""
    count = sum(name.startswith("Event") for name in columns)
    event: dict[str, Any] = json.loads("".join(columns[f"Event{index}"] for index in range(count)))
    return event
