"""The tenant that Graph reads: service principals and their synchronization jobs."""

from dataclasses import dataclass, field
from typing import Any

from local.cloud.behaviour import Behaviour, parse_behaviour
from local.cloud.job import Job
from local.cloud.job_form import complete
from local.cloud.scripted_job import ScriptedJob


@dataclass(slots=True)
class Principal:
    """A service principal: the object of an enterprise application in the tenant."""

    object_id: str
    app_id: str | None = None
    display_name: str = "An application"
    jobs: dict[str, Job] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The principal and its jobs as /_sim/principals shows them."""
        return {
            "servicePrincipalId": self.object_id,
            "appId": self.app_id,
            "displayName": self.display_name,
            "jobs": [{"job": job.value, "credentialsWork": job.refusal is None} for job in self.jobs.values()],
        }


class Tenant:
    """All service principals, by id. Ids are GUIDs in any case; job ids are compared exactly."""

    def __init__(self) -> None:
        self._principals: dict[str, Principal] = {}

    @property
    def principals(self) -> list[Principal]:
        """All of them, in the order of creation."""
        return list(self._principals.values())

    def principal(self, object_id: str) -> Principal | None:
        """The service principal with that object id, or None."""
        return self._principals.get(object_id.lower())

    def principal_of_app(self, app_id: str) -> Principal | None:
        """The service principal with that application id, or None."""
        return next((each for each in self._principals.values() if each.app_id == app_id.lower()), None)

    def put_principal(self, object_id: str) -> Principal:
        """The service principal with that object id, created if it does not exist."""
        return self._principals.setdefault(object_id.lower(), Principal(object_id.lower()))

    def put_job(self, object_id: str, job_id: str, value: object) -> None:
        """Create or replace a job. Raises ValueError if the value is not a synchronizationJob."""
        if not isinstance(value, dict):
            raise ValueError("a synchronizationJob is a JSON object")  # noqa: TRY004 - callers handle only ValueError
        shown, behaviour = _parse_job(job_id, value)
        job = ScriptedJob(shown, behaviour) if behaviour.reads else Job(shown, behaviour)
        jobs = self.put_principal(object_id).jobs
        if old := jobs.get(job_id):
            old.forget()
            job.history = [*old.history, *job.history]
        jobs[job_id] = job


def _parse_job(job_id: str, value: dict[str, Any]) -> tuple[dict[str, Any], Behaviour]:
    behaviour = parse_behaviour(value.get("_sim"))
    shown = {"id": job_id} | {name: item for name, item in value.items() if name not in {"id", "_sim"}}
    return complete(shown), behaviour
