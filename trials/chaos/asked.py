"""What was requested, by request id: the checks compare events and starts with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from local.client.status_events import Event
    from trials.chaos.send import Sent

STARTABLE: Final = frozenset({"Quarantine", "Paused"})


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as its sender meant it."""

    principal: str
    """The principal's object id or application id, in lower case."""
    job_id: str | None
    """None means all jobs of the principal."""
    start_when: frozenset[str] = STARTABLE
    force: bool = False
    dry_run: bool = False
    times: int = 1
    """How often it was sent."""

    @property
    def meaning(self) -> Asked:
        """What it asks for, however often."""
        return replace(self, times=1)


def read_asked(request: Mapping[str, Any]) -> Asked:
    """Parse a request in the direct form."""
    return Asked(
        principal=(request.get("servicePrincipalId") or request["appId"]).lower(),
        job_id=request.get("jobId"),
        start_when=frozenset(request.get("startWhen", STARTABLE)),
        force=request.get("force", False),
        dry_run=request.get("dryRun", False),
    )


class AllAsked:
    """All requests of a run."""

    def __init__(self, sent: Iterable[Sent], events: Iterable[Event]) -> None:
        self._by_id: dict[str, Asked] = {}
        self._all: list[Asked] = []
        for each in sent:
            asked = [read_asked(request) for request in each.sending.asks]
            self._all += asked
            if len(asked) == len(each.request_ids):
                for request_id, request in zip(each.request_ids, asked, strict=True):
                    known = self._by_id.get(request_id)
                    self._by_id[request_id] = request if known is None else replace(known, times=known.times + 1)
        for event in events:
            self._add_parts(event["data"])

    def of(self, data: Mapping[str, Any]) -> list[Asked]:
        """The requests that the event may belong to. If an answer was lost, the request's id may not be known."""
        known = self._by_id.get(data["requestId"])
        if known is not None:
            return [known]
        job_id = data.get("job", {}).get("jobId")
        return list(self.for_job(job_id)) if job_id else [asked for asked in self._all if asked.job_id is None]

    def known(self, request_id: str) -> Asked | None:
        """The request with that id, or None."""
        return self._by_id.get(request_id)

    def for_job(self, job_id: str) -> Iterator[Asked]:
        """All requests that may have asked for the job: those that name it, and those for all jobs."""
        return (replace(asked, job_id=job_id) for asked in self._all if asked.job_id in (job_id, None))

    def _add_parts(self, data: Mapping[str, Any]) -> None:
        """A request that became several asks for each of them what it asked for all."""
        parent = self._by_id.get(data["requestId"])
        if parent is None:
            return
        for part in data.get("queued", ()):
            self._by_id.setdefault(part["requestId"], replace(parent, job_id=part["jobId"]))
