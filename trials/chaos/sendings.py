"""What a run sends to the app and when: every form and route, repeats, and invalid requests."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from trials.chaos.deliveries import SECRETS, body
from trials.chaos.tenant import HELD, NEVER, draw_guid

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from random import Random

    from trials.chaos.tenant import Job

_LATEST_REPEAT_SECONDS: Final = 6.0
"""Long enough for a job to be in quarantine again by then, so that the same request is a new task."""
_DELIVERIES: Final = 0.2
_GENUINE: Final = 0.85


class Way(StrEnum):
    """How something gets to the app."""

    HTTP = "HTTP"
    DELIVERY = "delivery"
    PLAIN = "queue, plain"
    BASE64 = "queue, base64"

    @property
    def is_http(self) -> bool:
        """Whether the sender gets an answer."""
        return self in (Way.HTTP, Way.DELIVERY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One body or message."""

    at: float
    """Seconds after the begin of the run."""
    way: Way
    content: str
    is_valid: bool = True
    asks: tuple[Mapping[str, Any], ...] = ()
    """The requests in it, in the direct form. Empty if it is invalid."""
    source: str = ""
    """The kind of sender. Empty for a start request."""
    is_genuine: bool = True
    """Whether a delivery is signed with the app's secret."""
    host: int = 0
    """The host that gets it over HTTP."""

    def __str__(self) -> str:
        return f"{self.way} {self.source} at {self.at:.1f} s: {self.content}"


def draw_sendings(random: Random, jobs: Sequence[Job], count: int, seconds: float) -> tuple[Sending, ...]:
    """That many requests, spread over that time. Some share a body, and some are sent again."""
    drawn: list[Sending] = []
    left = count
    while left > 0:
        size = min(left, random.choice((1, 1, 1, 1, 1, 2, 3, 5)))
        left -= size
        if size == 1 and random.random() < _DELIVERIES:
            sending = _delivery(random, random.choice(jobs), seconds)
        else:
            sending = _sending(random, [_request(random, random.choice(jobs)) for _ in range(size)], seconds)
        drawn.append(sending)
        if random.random() < 0.2:
            drawn += _repeats(random, sending, seconds)
        if random.random() < 0.08:
            drawn.append(_invalid(random, seconds))
    return tuple(sorted(drawn, key=lambda sending: sending.at))


def _sending(random: Random, requests: list[dict[str, Any]], seconds: float) -> Sending:
    way = random.choice((Way.HTTP, Way.HTTP, Way.PLAIN, Way.BASE64))
    content = json.dumps(requests if len(requests) > 1 else requests[0])
    if way is not Way.HTTP and len(requests) == 1 and random.random() < 0.2:
        path = _graph_path(requests[0])
        if path is not None:
            content, requests = path, [{name: requests[0][name] for name in ("servicePrincipalId", "jobId")}]
    return Sending(
        at=random.uniform(0, seconds), way=way, content=content, asks=tuple(requests), host=random.randrange(2)
    )


def _delivery(random: Random, job: Job, seconds: float) -> Sending:
    """A delivery of a source that signs, or a forgery of it."""
    source = random.choice(sorted(SECRETS))
    request = _request(random, job)
    if source == "pagerduty":
        request = {"servicePrincipalId": job.principal.object_id, "jobId": job.job_id}
    is_genuine = random.random() < _GENUINE
    # Deliveries cannot force a start.
    is_valid = is_genuine and "force" not in request
    return Sending(
        at=random.uniform(0, seconds),
        way=Way.DELIVERY,
        content=body(source, request),
        is_valid=is_valid,
        # Without other states, a delivery asks for jobs in quarantine.
        asks=({"startWhen": ["Quarantine"], **request},) if is_valid else (),
        source=source,
        is_genuine=is_genuine,
        host=random.randrange(2),
    )


def _request(random: Random, job: Job) -> dict[str, Any]:
    """A request for the job, or for all jobs of its principal."""
    by_app_id = random.random() < 0.25
    request: dict[str, Any] = {"appId": job.principal.app_id} if by_app_id else _object_id(random, job)
    if random.random() < 0.9:
        request["jobId"] = job.job_id
    if random.random() < 0.6:
        request["requestId"] = draw_guid(random)
    if random.random() < 0.4:
        reference = f"INC-{random.randrange(100_000):05}"
        request["requestedBy"] = {"source": "chaos", "reference": reference, "summary": f"The job is {job.kind}"}
    if random.random() < 0.15:
        request["startWhen"] = [random.choice(("Quarantine", "Paused"))]
    if random.random() < 0.08:
        request["dryRun"] = True
    # Only if no other request can start the job, because force ignores earlier starts.
    if job.kind in HELD | NEVER and "jobId" in request and random.random() < 0.25:
        request["force"] = True
    return request


def _object_id(random: Random, job: Job) -> dict[str, Any]:
    """Now and then an id that is not in the tenant."""
    return {"servicePrincipalId": draw_guid(random) if random.random() < 0.03 else job.principal.object_id}


def _graph_path(request: dict[str, Any]) -> str | None:
    if "servicePrincipalId" not in request or "jobId" not in request:
        return None
    return f"servicePrincipals/{request['servicePrincipalId']}/synchronization/jobs/{request['jobId']}/start"


def _repeats(random: Random, sending: Sending, seconds: float) -> list[Sending]:
    """The same once or twice more, with the same request ids if it has some."""
    return [
        replace(
            sending,
            at=min(seconds, sending.at + random.uniform(0, _LATEST_REPEAT_SECONDS)),
            # The same kind of route, because it fills in `requestedBy` if the request does not have it.
            way=sending.way if sending.way.is_http else random.choice((Way.PLAIN, Way.BASE64)),
            host=random.randrange(2),
        )
        for _ in range(random.randint(1, 2))
    ]


def _invalid(random: Random, seconds: float) -> Sending:
    content = random.choice(
        (
            "Please start the job.",
            '{"servicePrincipalId": "contoso"}',
            json.dumps({"servicePrincipalId": draw_guid(random), "jobId": "../../me"}),
            json.dumps({"servicePrincipalId": draw_guid(random), "urgent": True}),
            "{}",
            "[]",
        )
    )
    way = random.choice((Way.HTTP, Way.PLAIN, Way.BASE64))
    return Sending(at=random.uniform(0, seconds), way=way, content=content, is_valid=False, host=random.randrange(2))
