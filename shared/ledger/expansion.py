"""The expansion of a request without a job id: a note in the ledger's table, written before its requests are queued.

Such a request leads to an event and to one request per job, on two queues. If one queue fails, the message is delivered
again, perhaps after the jobs have started. Then the note says which jobs the first delivery requested. It is valid for
one message: the same request in another message is a new task.

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
"""The most characters in a column. The service allows 64 KiB of UTF-16."""


class WhyLeft(StrEnum):
    """Why a request for all jobs of an application leaves a job out."""

    RUNNING = "running"
    NEVER_ENABLED = "never_enabled"
    """The job is as Graph created it, and was never enabled. Only a request with its job id starts it."""
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
    """The jobs that a request without a job id is turned into requests for, and those that it leaves out."""

    queued: tuple[str, ...]
    left: tuple[LeftJob, ...]


def to_note(request_id: str, message_id: str, expansion: Expansion) -> dict[str, Any]:
    """The columns of the note."""
    text = json.dumps({"queued": expansion.queued, "left": expansion.left})
    parts = [text[begin : begin + MAX_COLUMN] for begin in range(0, len(text), MAX_COLUMN)]
    columns = {f"Jobs{index}": part for index, part in enumerate(parts)}
    return {"PartitionKey": PARTITION, "RowKey": request_id, "MessageId": message_id, **columns}


def from_note(columns: Mapping[str, Any], message_id: str) -> Expansion | None:
    """The expansion in these columns; None if it belongs to another message."""
    if columns["MessageId"] != message_id:
        return None
    parts = [columns[f"Jobs{index}"] for index in range(sum(name.startswith("Jobs") for name in columns))]
    content = json.loads("".join(parts))
    left = (LeftJob(job_id, code, WhyLeft(why)) for job_id, code, why in content["left"])
    return Expansion(tuple(content["queued"]), tuple(left))
