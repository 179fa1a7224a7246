"""The message on the start-recovery queue: which start, and what became of its job. Only the app reads it."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from shared.graph.client import GraphCall
from shared.graph.job import parse_code, parse_execution, parse_quarantine
from shared.json_text import parse_json, write_json
from shared.ledger.fate import Fate
from shared.outcome import Reason
from shared.request.message import encode
from shared.request.reference import JobReference

if TYPE_CHECKING:
    from shared.ledger.entry import Start


@dataclass(frozen=True, slots=True)
class SeenFate:
    """What was seen of a job, and the start that it is the fate of: request_id and fate.started_at name it."""

    job: JobReference
    request_id: str
    fate: Fate
    calls: tuple[GraphCall, ...] = ()

    def is_of(self, start: Start) -> bool:
        """Whether this is the fate of that start."""
        return (start.request_id, start.at) == (self.request_id, self.fate.started_at)

    def to_message(self) -> str:
        """The text of the queue message."""
        content = {
            "servicePrincipalId": self.job.service_principal_id,
            "jobId": self.job.job_id,
            "requestId": self.request_id,
            "fate": self.fate.reason,
            "code": self.fate.code,
            **self.fate.to_json(),
            "graph": [call.to_json() for call in self.calls],
        }
        return encode(write_json(content))


def read_fate(body: bytes) -> SeenFate:
    """The content of a message. Raises ValueError or KeyError for one that the app has not written."""
    content = cast("dict[str, Any]", parse_json(base64.b64decode(body)))
    code, quarantine = content["code"], content.get("quarantine")
    return SeenFate(
        job=JobReference(content["servicePrincipalId"], None, content["jobId"]),
        request_id=content["requestId"],
        fate=Fate(
            reason=Reason(content["fate"]),  # type: ignore[call-arg]
            started_at=datetime.fromisoformat(content["startedAt"]),
            seen_at=datetime.fromisoformat(content["seenAt"]),
            code=parse_code(code) if code is not None else None,
            quarantine=parse_quarantine(quarantine) if quarantine is not None else None,
            lasted_seconds=content.get("lastedSeconds"),
            last_execution=parse_execution(content.get("lastExecution")),
            error=content.get("error"),
        ),
        calls=tuple(
            GraphCall(call["operation"], call["status"], call["requestId"], call["clientRequestId"], call["durationMs"])
            for call in content["graph"]
        ),
    )
