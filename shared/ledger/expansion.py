"""What a request without a job id was turned into: a note in the ledger's table, written before anything goes out.

Such a request leads to an event and to requests for jobs, on two queues. Either may fail alone, and the message comes
back when the jobs have already started. The note says then what was asked for at the first delivery. It is valid for
that one message: the same request in another message is a new task.

The note as a storage browser shows it (RowKey is the request's id):

    PartitionKey  expansions
    RowKey        0c8a5a52-6c13-4f7e-9a57-2f3c1d5b7e33
    MessageId     1e0f5a52-7d14-4c11-8a57-2f3c1d5b7e33
    Jobs0, Jobs1  {"queued": ["scim.11112222333344445555666677778888.…"], "left": [["BoxOut.…", "Active", "running"]]}
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

PARTITION = "expansions"

MAX_COLUMN = 30_000
"""Longest text in a column, in characters; the service takes 64 KiB of UTF-16."""


class WhyLeft(StrEnum):
    """Why a request for all jobs of an application leaves one of them."""

    RUNNING = "running"
    NEVER_ENABLED = "never_enabled"
    """It is as Graph created it, and nobody has enabled it: only a request that names it starts it."""
    STATE_NOT_REQUESTED = "state_not_requested"
    NOT_STARTABLE = "not_startable"


class LeftJob(NamedTuple):
    """A job that a request for all jobs does not start."""

    job_id: str
    code: str
    why: WhyLeft

    def to_json(self) -> dict[str, str]:
        """The object in status events."""
        return {"jobId": self.job_id, "code": self.code, "reason": self.why}


class Expansion(NamedTuple):
    """The jobs that a request without a job id asks for, and those that it leaves."""

    queued: tuple[str, ...]
    left: tuple[LeftJob, ...]


def to_note(request_id: str, message_id: str, expansion: Expansion) -> dict[str, Any]:
    """The columns of the note."""
    text = json.dumps({"queued": expansion.queued, "left": expansion.left})
    parts = [text[begin : begin + MAX_COLUMN] for begin in range(0, len(text), MAX_COLUMN)]
    columns = {f"Jobs{index}": part for index, part in enumerate(parts)}
    return {"PartitionKey": PARTITION, "RowKey": request_id, "MessageId": message_id, **columns}


def from_note(columns: Mapping[str, Any], message_id: str) -> Expansion | None:
    """The expansion that the columns hold; None where it was made of another message."""
    if columns["MessageId"] != message_id:
        return None
    parts = [columns[f"Jobs{index}"] for index in range(sum(name.startswith("Jobs") for name in columns))]
    content = json.loads("".join(parts))
    left = (LeftJob(job_id, code, WhyLeft(why)) for job_id, code, why in content["left"])
    return Expansion(tuple(content["queued"]), tuple(left))
