"""One service principal in the simulated tenant, with the actions and checks that the tests need."""

from __future__ import annotations

import uuid
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from tests.examples import check_event

if TYPE_CHECKING:
    from local.client.jobs import SynchronizationJob
    from local.client.status_events import Event
    from local.parts.system import LocalSystem


def new_job_id() -> str:
    """An id that no other job has."""
    return f"scim.{uuid.uuid4().hex}.{uuid.uuid4()}"


class Tenant:
    """A service principal, and the requests and calls for its jobs."""

    def __init__(self, system: LocalSystem, principal: str) -> None:
        self._system = system
        self.principal = principal
        self.simulation = system.simulation

    def put(self, job: SynchronizationJob, **behaviour: Any) -> str:
        """Add a job. Returns its id."""
        self.simulation.put_job(self.principal, job, **behaviour)
        job_id: str = job["id"]
        return job_id

    def ask(self, job_id: str | None, **fields: Any) -> str:
        """Request a start over HTTP: of a job, or of all jobs if `job_id` is None. Returns the request id."""
        job = {} if job_id is None else {"jobId": job_id}
        (request_id,) = self._system.app.ask({"servicePrincipalId": self.principal, **job, **fields})
        return request_id

    def event(self, request_id: str) -> Event:
        """The next status event of a request, checked against the schema. Events that report a wait are skipped."""
        event = check_event(self._system.app.events.of(request_id))
        return self.event(request_id) if event["data"]["outcome"] == "delayed" else event

    def started(self, job_id: str, **fields: Any) -> Event:
        """Request a start, and return its event."""
        return self.event(self.ask(job_id, **fields))

    def steps(self, job_id: str) -> list[str]:
        """The calls to Graph about a job, in order: read, start."""
        names = {"GET": "read", "POST": "start"}
        return [names[call["method"]] for call in self.simulation.calls(f"/jobs/{job_id}")]

    def later_events(self) -> list[Event]:
        """The remaining events, once no message is left on the queue."""
        deadline = monotonic() + 60
        while self._system.app.unfinished:
            assert monotonic() < deadline
            sleep(0.05)
        return self._system.app.events.read()

    def effective_starts(self, job_id: str) -> int:
        """How often the job was really started."""
        calls = self.simulation.calls(f"/jobs/{job_id}/start")
        return sum(1 for call in calls if call.get("start", {}).get("tookEffect"))


def ended_in(event: Event) -> str:
    """Outcome and reason of an event: started/resumed."""
    return f"{event['data']['outcome']}/{event['data']['reason']}"
