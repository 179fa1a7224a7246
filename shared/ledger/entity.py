"""Converts an entry of the ledger to an entity of Azure Tables, and back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.graph.credential_check import CheckResult, CredentialCheck
from shared.graph.job import parse_code, parse_job
from shared.ledger.entry import MAX_EARLIER_ERROR, Entry, Lease, Start, State
from shared.ledger.fate import from_note
from shared.outcome import Reason
from shared.request.reference import JobReference
from shared.request.start_request import RequestedBy
from shared.text import MAX_TEXT, shorten, whole
from shared.time_text import format_time

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.ledger.fate import Fate

MAX_COLUMN = 60_000
"""The most bytes of UTF-16 in a column. The service allows 64 KiB (Microsoft Learn, "Understanding the Table service
data model")."""

LEAST_EARLIER = 10
"""How many earlier starts are always kept, however long their texts are. START_LIMIT is at most this."""

SHORT_TEXT = 120
"""The most bytes of a text of an earlier start if ten of them do not fit otherwise. Counted as JSON in UTF-16."""


def keys(job: JobReference) -> tuple[str, str]:
    """PartitionKey and RowKey. The job id is in lower case, so that a job has one entry however requests spell it."""
    return job.service_principal_id or "", (job.job_id or "").lower()


def to_entity(entry: Entry) -> dict[str, Any]:
    """The columns of an entry. Columns without a value are absent."""
    partition_key, row_key = keys(entry.job)
    lease = entry.lease
    earlier = _fitting(entry.earlier)
    columns = {
        "PartitionKey": partition_key,
        "RowKey": row_key,
        "JobId": entry.job.job_id,
        **_start_columns(entry.latest, MAX_TEXT),
        "LeaseOwner": lease.owner if lease is not None else None,
        "LeaseUntil": lease.until if lease is not None else None,
        "MissingSince": entry.missing_since,
        "FateDue": _due_text(entry.latest.due) if entry.latest.due is not None else None,
        "EarlierStarts": _json_text(earlier) if earlier else None,
        "FatesDue": sum(start["State"] == State.STARTED for start in earlier),
    }
    if _size(columns["Job"]) > MAX_COLUMN:
        columns["Job"] = entry.latest.before.to_json(MAX_EARLIER_ERROR)
    columns["Job"] = _json_text(columns["Job"])
    return {name: _storable(value) for name, value in columns.items() if value is not None}


def from_entity(entity: Mapping[str, Any], etag: str) -> Entry:
    """The entry in these columns. Raises ValueError with the rest of a sentence that begins with the entry's name."""
    try:
        return _entry(entity, etag)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"can't be read: {type(error).__name__}: {error}") from error


def _entry(entity: Mapping[str, Any], etag: str) -> Entry:
    owner, missing_since = entity.get("LeaseOwner"), entity.get("MissingSince")
    job = JobReference(entity["PartitionKey"], entity.get("AppId"), entity["JobId"])
    return Entry(
        job=job,
        latest=_start(entity),
        earlier=tuple(_start(item) for item in json.loads(entity.get("EarlierStarts", "[]"))),
        lease=Lease(owner, _time(entity["LeaseUntil"])) if owner is not None else None,
        etag=etag,
        missing_since=_time(missing_since) if missing_since is not None else None,
    )


def _start_columns(start: Start, longest_error: int) -> dict[str, Any]:
    before, quarantine, check = start.before, start.before.quarantine, start.credential_check
    return {
        "State": start.state.value,
        "StartedAt": start.at,
        "RequestId": start.request_id,
        "MessageId": start.message_id,
        "RequestedBySource": start.requested_by.source,
        "RequestedByReference": start.requested_by.reference,
        "RequestedBySummary": start.requested_by.summary,
        "RequestedAt": start.requested_at,
        "ParentRequestId": start.parent_request_id,
        "AppId": start.app_id,
        "Traceparent": start.traceparent,
        "Forced": start.forced,
        "CodeBefore": str(before.code),
        "QuarantineReason": quarantine.reason if quarantine is not None else None,
        "Job": before.to_json(longest_error),
        "CredentialCheck": _check_text(check) if check is not None else None,
        "EndedReason": start.reason.value if start.reason is not None else None,
        "CodeAfter": str(start.code_after) if start.code_after is not None else None,
        "FollowUntil": start.follow_until,
        "Fate": start.fate.value if start.fate is not None else None,
        "FateSeenAt": start.fate_seen_at,
    }


def _start(columns: Mapping[str, Any]) -> Start:
    job, check = columns["Job"], columns.get("CredentialCheck")
    ended, fate, seen_at = columns.get("EndedReason"), columns.get("Fate"), columns.get("FateSeenAt")
    at, due = _time(columns["StartedAt"]), columns.get("FateDue")
    before = parse_job(json.loads(job) if isinstance(job, str) else job)
    if before is None:
        raise ValueError("the column Job does not hold a synchronizationJob")
    code_after = columns.get("CodeAfter")
    return Start(
        at=at,
        request_id=columns["RequestId"],
        message_id=columns["MessageId"],
        requested_by=RequestedBy(
            columns["RequestedBySource"], columns.get("RequestedByReference"), columns.get("RequestedBySummary")
        ),
        requested_at=_time(columns["RequestedAt"]),
        app_id=columns.get("AppId"),
        traceparent=columns.get("Traceparent"),
        parent_request_id=columns.get("ParentRequestId"),
        forced=columns["Forced"],
        before=before,
        credential_check=_check(check) if check is not None else None,
        follow_until=_time(columns["FollowUntil"]),
        reason=Reason(ended) if ended is not None else None,  # type: ignore[call-arg]
        code_after=parse_code(code_after) if code_after is not None else None,
        fate=Reason(fate) if fate is not None else None,  # type: ignore[call-arg]
        fate_seen_at=_time(seen_at) if seen_at is not None else None,
        due=from_note(json.loads(due) if isinstance(due, str) else due, at) if due is not None else None,
    )


def _due_text(fate: Fate) -> str:
    text = _json_text(fate.to_note(MAX_TEXT))
    return text if _size(text) <= MAX_COLUMN else _json_text(fate.to_note(MAX_EARLIER_ERROR))


def _fitting(starts: tuple[Start, ...]) -> list[dict[str, Any]]:
    """The latest of the earlier starts as JSON objects: as many as fit, and at least LEAST_EARLIER."""
    items = [
        _known_texts(
            {
                **_start_columns(start, MAX_EARLIER_ERROR),
                "FateDue": start.due.to_short_note() if start.due is not None else None,
            }
        )
        for start in starts
    ]
    if _size(items[-LEAST_EARLIER:]) > MAX_COLUMN:
        items = [_short(item) for item in items]
    while _size(items) > MAX_COLUMN:
        del items[0]
    return items


def _short(value: Any) -> Any:
    """The value with its texts cut to SHORT_TEXT. The app's own ids, times and words are shorter than that."""
    match value:
        case str():
            while _size(value) > SHORT_TEXT:
                value = shorten(value, len(value) * 3 // 4)
            return value
        case dict():
            return {name: item if name == "id" else _short(item) for name, item in value.items()}
        case _:
            return value


def _size(value: object) -> int:
    """The size of a value in a column, in bytes, as JSON."""
    return len(_json_text(value).encode("utf-16-le", errors="replace"))


def _known_texts(columns: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: format_time(value) if isinstance(value, datetime) else value
        for name, value in columns.items()
        if value is not None
    }


def _json_text(value: object) -> str:
    """The value as JSON that people can read in a storage browser."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _storable(value: Any) -> Any:
    """The value without lone surrogates, which no request can contain."""
    return whole(value) if isinstance(value, str) else value


def _time(value: datetime | str) -> datetime:
    """A plain datetime, from the datetime subclass of a column or a text in EarlierStarts."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return datetime.fromisoformat(format_time(moment))


def _check_text(check: CredentialCheck) -> str:
    return check.result if check.detail is None else f"{check.result}: {check.detail}"


def _check(text: str) -> CredentialCheck:
    result, _, detail = text.partition(": ")
    return CredentialCheck(CheckResult(result), detail or None)
