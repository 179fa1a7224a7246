"""Controls the simulated cloud, and reads its record of calls: a client of /_sim (`local.cloud` lists its routes)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Self

import requests

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

type Call = dict[str, Any]

_SECONDS: Final = 60.0


class Simulation:
    """The tenant, the faults and the record of the simulated cloud. Raises HTTPError if it refuses a value."""

    def __init__(self, graph: str) -> None:
        self._root = f"{graph}/_sim"
        self._session = requests.Session()
        self._session.trust_env = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def put_job(self, principal: str, job: Mapping[str, Any], **behaviour: Any) -> None:
        """Set up a job under its id. `behaviour` are properties of its `_sim`, such as afterStart="relapse"."""
        value = {**job, "_sim": behaviour} if behaviour else dict(job)
        self._send("PUT", f"jobs/{principal}/{job['id']}", value)

    def put_reads(self, principal: str, reads: Sequence[Mapping[str, Any]]) -> None:
        """Set up a job by what its reads show, one after another; the last one repeats. The first one must be a job."""
        self.put_job(principal, reads[0], reads=list(reads))

    def job(self, principal: str, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        job: dict[str, Any] = self._send("GET", f"jobs/{principal}/{job_id}").json()
        return job

    def history(self) -> dict[str, list[dict[str, Any]]]:
        """The states of each job by its id, oldest first, as {"since", "job"}, even if no read showed them."""
        history: dict[str, list[dict[str, Any]]] = self._send("GET", "history").json()
        return history

    def principals(self) -> list[dict[str, Any]]:
        """The whole tenant: each service principal with its jobs."""
        principals: list[dict[str, Any]] = self._send("GET", "principals").json()
        return principals

    def put_principal(self, principal: str, *, app_id: str | None = None, display_name: str | None = None) -> None:
        """Give a service principal an application id and a name. Creates it if it does not exist."""
        name = {} if display_name is None else {"displayName": display_name}
        self._send("PUT", f"principals/{principal}", {"appId": app_id, **name})

    def fault(
        self,
        *,
        service: str | None = None,
        method: str | None = None,
        path_contains: str = "",
        path_ends_with: str = "",
        times: int | None = 1,
        **fault: Any,
    ) -> None:
        """Make the next `times` matching calls fail in this way; None means every matching call."""
        match = {
            "service": service,
            "method": method,
            "pathContains": path_contains,
            "pathEndsWith": path_ends_with,
        }
        self._send("POST", "faults", {"match": match, "times": times, **fault})

    def answers(
        self,
        answers: Sequence[Mapping[str, Any]],
        *,
        service: str | None = None,
        method: str | None = None,
        path_contains: str = "",
        path_ends_with: str = "",
    ) -> None:
        """Give the next calls that match these answers, one after another, each `repeat` times (None: always)."""
        match = {
            "service": service,
            "method": method,
            "pathContains": path_contains,
            "pathEndsWith": path_ends_with,
        }
        self._send("POST", "faults", {"match": match, "answers": list(answers)})

    def faults(self) -> list[dict[str, Any]]:
        """The calls that faults still wait for."""
        faults: list[dict[str, Any]] = self._send("GET", "faults").json()
        return faults

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._send("DELETE", "faults")

    def calls(self, part_of_path: str = "") -> list[Call]:
        """The calls to Graph whose path contains this text, oldest first."""
        return self._calls("calls", part_of_path)

    def identity_calls(self) -> list[Call]:
        """The calls to the identity server, oldest first."""
        return self._calls("calls?service=identity", "")

    def table_calls(self) -> list[Call]:
        """The calls to the ledger's table through the cloud, oldest first."""
        return self._calls("calls?service=tables", "")

    def queue_calls(self, part_of_path: str = "") -> list[Call]:
        """The calls to queues through the cloud whose path contains this text, oldest first."""
        return self._calls("calls?service=queues", part_of_path)

    def clear_calls(self) -> None:
        """Forget all calls so far."""
        self._send("DELETE", "calls")

    def set_latency(self, seconds: float) -> None:
        """Add that much latency to every call."""
        self._send("PUT", "latency", {"seconds": seconds})

    def set_page_size(self, size: int) -> None:
        """How many jobs a page of a list has."""
        self._send("PUT", "paging", {"size": size})

    def set_effects(self, shown_after_seconds: float) -> None:
        """How long after a start reads still show the job as it was before."""
        self._send("PUT", "effects", {"shownAfterSeconds": shown_after_seconds})

    def set_write_limit(
        self, writes: int, seconds: float, *, retry_after: str | None = None, counts_refused: bool = True
    ) -> None:
        """Let Graph take that many writes per `seconds`. `retry_after` is the header of a refusal, or "remaining"."""
        limit = {"writes": writes, "seconds": seconds, "retryAfter": retry_after, "countsRefused": counts_refused}
        self._send("PUT", "write-limit", limit)

    def clear_write_limit(self) -> None:
        """Let Graph take any number of writes."""
        self._send("DELETE", "write-limit")

    def set_identity(self, *, expires_on: str | None = None, lifetime_seconds: int = 24 * 3600) -> None:
        """How long new tokens are valid, and what the answer has as `expires_on`."""
        self._send("PUT", "identity", {"expiresOn": expires_on, "lifetimeSeconds": lifetime_seconds})

    def revoke_tokens(self) -> None:
        """Revoke every token issued so far."""
        self._send("DELETE", "tokens")

    def _calls(self, path: str, part_of_path: str) -> list[Call]:
        calls: list[Call] = self._send("GET", path).json()
        return [call for call in calls if part_of_path in call["path"]]

    def _send(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = self._session.request(method, f"{self._root}/{path}", json=body, timeout=_SECONDS)
        if not answer.ok:
            raise requests.HTTPError(f"{method} /_sim/{path}: {answer.status_code} {answer.text.strip()}")
        return answer
