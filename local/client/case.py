"""Replays on the simulated cloud how a service failed in the field, from a recorded case.

A case of an outage is a JSON object:

    "service"    graph, identity, table or queue
    "request"    which calls fail: "GET job", "POST start", "token", "GET entity" or "POST message (queue)", followed
                 by any words. Other texts mean every call to the table service or to Graph.
    "answers"    one per call; the last one repeats. Each has "status" (null: no answer, and "fault" is timeout or
                 reset), "headers" (a list as the value gives one line per item), "body" (an object is sent as JSON, a
                 string unchanged, null is no body), "delaySeconds" before the answer, and "repeat", how many calls get
                 this answer (default: 1).

If the last answer is a success, the service itself gives it, so that later calls have their effect. A job in that
answer is set up first. A case of a job is a JSON object with "reads": what reads of the job show, one after another.
The last one repeats.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local.client.simulation import Simulation

type Case = Mapping[str, Any]

_SERVICES: Final = {"graph": "graph", "identity": "identity", "table": "tables", "queue": "queues"}
_FAULTS: Final = {"timeout", "reset"}
_GOOD: Final = range(200, 300)
_MESSAGE: Final = re.compile(r"POST message \((?P<queue>[a-z0-9-]+)\)")


class _Match(NamedTuple):
    method: str | None
    path_ends_with: str


def play_reads(simulation: Simulation, principal: str, case: Case) -> str:
    """Set up the job of a case with reads. Returns the job's id."""
    simulation.put_reads(principal, case["reads"])
    return str(case["reads"][0]["id"])


def play_outage(
    simulation: Simulation, case: Case, *, principal: str, job_id: str | None = None, time_scale: float = 1.0
) -> str | None:
    """Let the service fail as in the case. Returns the id of the job that the case is about, or None.

    `job_id` is used if the case shows no job. Delays are multiplied by `time_scale`. Raises ValueError if the case
    cannot be played.
    """
    service = case.get("service")
    if service not in _SERVICES:
        raise ValueError(f"a case's service is one of {', '.join(_SERVICES)}, not {service!r}")
    answers = list(case["answers"])
    last = answers[-1]
    shown = last["body"] if service == "graph" and isinstance(last["body"], dict) and "status" in last["body"] else None
    if shown is not None:
        job_id = str(shown["id"])
        simulation.put_job(principal, shown)
    if _is_good(last):
        answers.pop()
    else:
        answers[-1] = {**last, "repeat": None}
    if answers:
        match = _match(service, str(case.get("request", "")), job_id)
        simulation.answers(
            [_answer(each, time_scale) for each in answers],
            service=_SERVICES[service],
            method=match.method,
            path_ends_with=match.path_ends_with,
        )
    return job_id


def _is_good(answer: Case) -> bool:
    if answer["status"] in _GOOD:
        return True
    # A missing entity is a good answer of a working table.
    error = answer["body"].get("odata.error", {}) if isinstance(answer["body"], dict) else {}
    return error.get("code") == "ResourceNotFound"


def _match(service: str, request: str, job_id: str | None) -> _Match:
    if message := _MESSAGE.match(request):
        return _Match("POST", f"/{message['queue']}/messages")
    if service == "graph" and request.startswith(("GET job", "POST start")):
        if job_id is None:
            raise ValueError(f"a case with {request!r} that shows no job needs a job_id")
        method, path = ("GET", "") if request.startswith("GET") else ("POST", "/start")
        return _Match(method, f"/jobs/{job_id}{path}")
    if service == "table" and request == "GET entity":
        return _Match("GET", ")")
    return _Match(None, "")


def _answer(answer: Case, time_scale: float) -> dict[str, Any]:
    known = {"status", "headers", "body", "delaySeconds", "repeat", "fault"}
    if unknown := sorted(set(answer) - known):
        raise ValueError(f"an answer of a case has no {unknown[0]}")
    repeat = {"repeat": answer["repeat"]} if "repeat" in answer else {}
    delay = {"delaySeconds": answer.get("delaySeconds", 0) * time_scale}
    if answer["status"] is not None:
        return {"status": answer["status"], "headers": answer["headers"], "body": answer["body"], **delay, **repeat}
    if answer.get("fault") not in _FAULTS:
        raise ValueError(f"an answer of a case without a status has a fault: {' or '.join(sorted(_FAULTS))}")
    return {"dropConnection": "before", **delay, **repeat}
